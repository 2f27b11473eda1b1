/* place.c - requests: a target, a body, a signature; answers, and what they mean. */
#include "bench/stores/dynamo/place.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/servers/server.h"
#include "locks/parts/platform.h"

#define PREFIX "contend."

static const struct contend_option options[] = { DYNAMO_OPTIONS CONTEND_OPTIONS_END };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct server *own;  /* guarded by guard */
static const char *foreign; /* somebody else's, since before the first object */
static bool looked;
static const char unix_socket[] = "unix:/"; /* what such an address begins with */

struct server *dynamo_server_own(void)
{
    return own;
}

int dynamo_use(const char *address)
{
    if (strncmp(address, "http://", 7) != 0 && strncmp(address, "https://", 8) != 0 &&
        strncmp(address, unix_socket, strlen(unix_socket)) != 0)
        return -EINVAL;
    foreign = address;
    looked = false;
    return 0;
}

static int ready(char *why, size_t size)
{
    return foreign || server_is_installed(SERVER_DYNAMO, why, size) ? 0 : -ENOENT;
}

static void end(void)
{
    pthread_mutex_lock(&guard);
    server_stop(own);
    own = NULL;
    pthread_mutex_unlock(&guard);
}

const struct store_system dynamo_system = {
    .name = "DynamoDB", .needs = "libcurl4-openssl-dev, and dynalite from npm", .asks = "a server",
    .set_up = "an account", .lock_in = "one vendor", .keeps = "each request",
    .effort = 2, .ready = ready, .use = dynamo_use, .end = end,
};

/* The socket of the server, the process's own one started if it is not; NULL: none, or *error. */
static const char *socket_of(const char *name, int *error)
{
    char why[SERVER_ERROR];
    const char *path = NULL;

    *error = 0;
    if (foreign)
        return strncmp(foreign, unix_socket, strlen(unix_socket)) == 0 ? strchr(foreign, '/') : NULL;
    pthread_mutex_lock(&guard);
    if (!own)
        *error = server_start_dynamo(&own, why, sizeof why);
    if (*error)
        trouble_note(name, "%s", why);
    else
        path = server_address(own);
    pthread_mutex_unlock(&guard);
    return path;
}

static double cpu_seconds(void)
{
    pthread_mutex_lock(&guard);
    double seconds = own ? server_cpu_seconds(own) : 0;
    pthread_mutex_unlock(&guard);
    return seconds;
}

static size_t take(char *block, size_t size, size_t count, void *context)
{
    struct dynamo_link *l = context;
    char *longer = realloc(l->answer, l->length + size * count + 1);

    if (!longer)
        return 0;
    memcpy(longer + l->length, block, size * count);
    l->answer = longer;
    l->length += size * count;
    l->answer[l->length] = '\0';
    return size * count;
}

/*
 * libcurl sends a request again, unasked, if a connection that had been in use is closed without an answer.
 * The server may have executed it by then: whether to repeat it is for the caller to say.
 */
static int before_sending(void *context, char *to, char *from, int to_port, int from_port)
{
    struct dynamo_link *l = context;
    bool again = l->sent;

    (void)to, (void)from, (void)to_port, (void)from_port;
    l->sent = true;
    return again ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value ? value : otherwise;
}

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

int dynamo_link_open(struct dynamo_place *p, struct dynamo_link *l)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char sign[96], key[256];
    int error;
    const char *path = socket_of(p->name, &error);

    *l = (struct dynamo_link){ .place = p };
    if (error)
        return error;
    pthread_once(&once, start_curl);
    l->curl = curl_easy_init();
    if (!l->curl)
        return -ENOMEM;
    snprintf(sign, sizeof sign, "aws:amz:%.40s:dynamodb", setting("AWS_REGION", "us-east-1"));
    snprintf(key, sizeof key, "%.100s:%.100s", setting("AWS_ACCESS_KEY_ID", "contend"),
             setting("AWS_SECRET_ACCESS_KEY", "contend"));
    curl_easy_setopt(l->curl, CURLOPT_URL, foreign && !path ? foreign : "http://localhost/");
    if (path)
        curl_easy_setopt(l->curl, CURLOPT_UNIX_SOCKET_PATH, path);
    curl_easy_setopt(l->curl, CURLOPT_AWS_SIGV4, sign);
    curl_easy_setopt(l->curl, CURLOPT_USERPWD, key);
    curl_easy_setopt(l->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(l->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(l->curl, CURLOPT_TIMEOUT_MS, (long)p->timeout_ms);
    curl_easy_setopt(l->curl, CURLOPT_PREREQFUNCTION, before_sending);
    curl_easy_setopt(l->curl, CURLOPT_PREREQDATA, l);
    curl_easy_setopt(l->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(l->curl, CURLOPT_WRITEDATA, l);
    return 0;
}

void dynamo_link_close(struct dynamo_link *l)
{
    curl_easy_cleanup(l->curl);
    free(l->answer);
    *l = (struct dynamo_link){ .place = l->place };
}

/* What went wrong before there was an answer. */
static int meaning_of_transport(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST: return -EAGAIN;
    case CURLE_OPERATION_TIMEDOUT: return -ETIMEDOUT;
    case CURLE_OUT_OF_MEMORY: return -ENOMEM;
    default: return -EIO;
    }
}

/* What the type of an error means, "com.amazonaws.dynamodb.v20120810#Conditional...". */
static int meaning_of_type(const char *type)
{
    static const struct {
        const char *end;
        int error;
    } known[] = {
        { "ConditionalCheckFailedException", -ESTALE },
        { "ProvisionedThroughputExceededException", -EAGAIN },
        { "ThrottlingException", -EAGAIN },
        { "UnrecognizedClientException", -EACCES },
        { "InvalidSignatureException", -EACCES },
        { "AccessDeniedException", -EACCES },
        { "MissingAuthenticationTokenException", -EACCES },
        { "ResourceNotFoundException", -ENOENT },
    };
    const char *mark = strchr(type, '#');

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(mark ? mark + 1 : type, known[i].end) == 0)
            return known[i].error;
    return -EIO;
}

static void meter(struct dynamo_link *l)
{
    long head = 0, header = 0;
    curl_off_t up = 0, down = 0;

    curl_easy_getinfo(l->curl, CURLINFO_REQUEST_SIZE, &head);
    curl_easy_getinfo(l->curl, CURLINFO_HEADER_SIZE, &header);
    curl_easy_getinfo(l->curl, CURLINFO_SIZE_UPLOAD_T, &up);
    curl_easy_getinfo(l->curl, CURLINFO_SIZE_DOWNLOAD_T, &down);
    store_meter_trip(&l->place->meter);
    store_meter_bytes(&l->place->meter, (uint64_t)head + (uint64_t)up,
                      (uint64_t)header + (uint64_t)down);
}

/* The answer's meaning; the parsed body goes to *answer, or is dropped. */
static int judge(struct dynamo_link *l, json_t **answer)
{
    json_t *root = l->answer ? json_loads(l->answer, 0, NULL) : NULL;
    const char *type = json_string_value(json_object_get(root, "__type"));
    const char *message = json_string_value(json_object_get(root, "message"));
    long status = 0;
    int error = 0;

    curl_easy_getinfo(l->curl, CURLINFO_RESPONSE_CODE, &status);
    if (type)
        error = meaning_of_type(type);
    else if (!root || status != 200)
        error = -EIO;
    if (error && error != -ESTALE)
        trouble_note(l->place->name, "DynamoDB: %s",
                     message ? message : type ? type : "the answer is not DynamoDB's");
    const json_t *consumed = json_object_get(root, "ConsumedCapacity");
    double units = json_number_value(json_object_get(consumed, "CapacityUnits"));
    /* relaxed: a statistic. */
    atomic_fetch_add_explicit(&l->place->units, (uint64_t)(units * 1000), memory_order_relaxed);
    if (error || !answer)
        json_decref(root);
    else
        *answer = root;
    return error;
}

/* Sends a text as the body; 0, or a negative errno value. */
static int send_text(struct dynamo_link *l, const char *operation, const char *text,
                     json_t **answer)
{
    struct curl_slist *headers = NULL;
    char target[80];

    snprintf(target, sizeof target, "X-Amz-Target: DynamoDB_20120810.%.40s", operation);
    headers = curl_slist_append(headers, target);
    headers = curl_slist_append(headers, "Content-Type: application/x-amz-json-1.0");
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(l->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(l->curl, CURLOPT_POSTFIELDS, text);
    l->length = 0;
    l->sent = false;
    CURLcode code = curl_easy_perform(l->curl);
    int error = meaning_of_transport(code);
    if (code != CURLE_OK)
        trouble_note(l->place->name, "DynamoDB: %s",
                     code == CURLE_ABORTED_BY_CALLBACK ? "the connection was closed without an answer"
                                                       : curl_easy_strerror(code));
    meter(l);
    curl_easy_setopt(l->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return code == CURLE_OK ? judge(l, answer) : error;
}

int dynamo_call(struct dynamo_link *l, const char *operation, json_t *body, json_t **answer)
{
    json_object_set_new(body, "TableName", json_string(l->place->table));
    char *text = json_dumps(body, JSON_COMPACT);
    int error = text ? send_text(l, operation, text, answer) : -ENOMEM;

    free(text);
    json_decref(body);
    return error;
}

json_t *dynamo_unsigned(uint64_t n)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, n);
    return json_pack("{s:s}", "N", digits);
}

json_t *dynamo_number(int64_t n)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRId64, n);
    return json_pack("{s:s}", "N", digits);
}

static const char *digits_of(const json_t *item, const char *attribute)
{
    const char *digits = json_string_value(json_object_get(json_object_get(item, attribute), "N"));

    return digits ? digits : "0";
}

int64_t dynamo_number_of(const json_t *item, const char *attribute)
{
    return strtoll(digits_of(item, attribute), NULL, 10);
}

uint64_t dynamo_unsigned_of(const json_t *item, const char *attribute)
{
    return strtoull(digits_of(item, attribute), NULL, 10);
}

/* Whether somebody else's server has tables under our name; then it is refused. */
static int refuse_foreign(struct dynamo_link *l)
{
    json_t *answer = NULL, *name;
    size_t i;
    int error = 0;

    if (!foreign || looked)
        return 0;
    error = send_text(l, "ListTables", "{}", &answer);
    json_array_foreach(json_object_get(answer, "TableNames"), i, name)
        if (strncmp(json_string_value(name), PREFIX, strlen(PREFIX)) == 0 && !error) {
            trouble_note(l->place->name, "DynamoDB: there is a table %s already; delete it, or "
                                         "name another server", json_string_value(name));
            error = -EEXIST;
        }
    json_decref(answer);
    looked = !error;
    return error;
}

/* Until the table takes requests; the real server needs seconds for that. */
static int await_table(struct dynamo_link *l)
{
    uint64_t deadline = contend_clock_ns() + UINT64_C(60000000000);

    for (;;) {
        json_t *answer = NULL;
        int error = dynamo_call(l, "DescribeTable", json_object(), &answer);
        const char *status = json_string_value(
            json_object_get(json_object_get(answer, "Table"), "TableStatus"));
        bool active = status && strcmp(status, "ACTIVE") == 0;
        json_decref(answer);
        if (error || active)
            return error;
        if (contend_clock_ns() > deadline) {
            trouble_note(l->place->name, "DynamoDB: a table was not made within a minute");
            return -ETIMEDOUT;
        }
        usleep(20000);
    }
}

int dynamo_place_make(struct dynamo_place *p, const char *name, const struct dynamo_plan *plan,
                      const struct contend_settings *settings)
{
    static _Atomic unsigned made;
    struct dynamo_link l;

    (void)plan;
    *p = (struct dynamo_place){
        .name = name, .timeout_ms = contend_option_value(settings, options, "timeout_ms"),
    };
    store_meter_init(&p->meter);
    atomic_init(&p->units, 0);
    /* relaxed: only that no two are the same. */
    snprintf(p->table, sizeof p->table, PREFIX "%d.%u", (int)getpid(),
             atomic_fetch_add_explicit(&made, 1, memory_order_relaxed));
    int error = dynamo_link_open(p, &l);
    if (!error)
        error = refuse_foreign(&l);
    if (!error)
        error = dynamo_call(&l, "CreateTable",
                            json_pack("{s:[{s:s, s:s}], s:[{s:s, s:s}], s:s}", "KeySchema",
                                      "AttributeName", "id", "KeyType", "HASH",
                                      "AttributeDefinitions", "AttributeName", "id",
                                      "AttributeType", "N", "BillingMode", "PAY_PER_REQUEST"),
                            NULL);
    if (!error)
        error = await_table(&l);
    p->cpu_begin = cpu_seconds();
    if (l.curl)
        dynamo_link_close(&l);
    return error;
}

void dynamo_place_end(struct dynamo_place *p)
{
    struct dynamo_link l;

    if (dynamo_link_open(p, &l) != 0)
        return;
    dynamo_call(&l, "DeleteTable", json_object(), NULL);
    dynamo_link_close(&l);
}

void dynamo_place_traffic(struct dynamo_place *p, struct store_traffic *out)
{
    store_meter_read(&p->meter, out);
    /* relaxed: a statistic. */
    out->units = atomic_load_explicit(&p->units, memory_order_relaxed);
    out->server_cpu_ns = (uint64_t)((cpu_seconds() - p->cpu_begin) * 1e9);
}
