/* rules.c - liblognorm finds the fields. */
#include "bench/log/rules.h"

#include <errno.h>
#include <json.h>
#include <liblognorm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/log/access.h"
#include "bench/log/stamp.h"

enum { PATH_SIZE = 4096, TAG_SIZE = 32 };

struct log_rules {
    ln_ctx context;
    struct json_object *found; /* of the last line: its strings have been given away */
    const char *wanted;        /* the tag, or NULL */
    char tag[TAG_SIZE];
    char *line;                /* the last one, with a zero behind it */
    size_t capacity;
    bool mistaken;
    char why[LOG_REASON_SIZE];
};

/* The rules that are being read: liblognorm 2.0 loses the context of its callback. */
static _Thread_local struct log_rules *loading;

/* Rules with a mistake are kept: liblognorm 2.0 may crash where it releases them. */
static _Thread_local ln_ctx broken;

/* liblognorm has something to say; its first word counts. */
static void complains(void *context, const char *text, size_t length)
{
    (void)context;
    if (!loading)
        return;
    loading->mistaken = true;
    if (!loading->why[0])
        snprintf(loading->why, sizeof loading->why, "%.*s", (int)length, text);
}

/* The installed file beside the program, else where it was built, else where it belongs. */
static const char *own_file(char path[PATH_SIZE])
{
    static const char *const built[] = { LOG_RULES_SOURCE, LOG_RULES_INSTALLED };
    ssize_t length = readlink("/proc/self/exe", path, PATH_SIZE - 64);
    char *slash = length > 0 ? memrchr(path, '/', (size_t)length) : NULL;

    if (slash) {
        snprintf(slash, (size_t)(path + PATH_SIZE - slash), "/../share/contend/formats.rulebase");
        if (access(path, R_OK) == 0)
            return path;
    }
    return access(built[0], R_OK) == 0 ? built[0] : built[1];
}

/* Whether the file has a rule of this name (NULL = of any), in a line "rule=NAME:...". */
static bool has_rule(const char *file, const char *tag)
{
    char wanted[TAG_SIZE + 8], *line = NULL;
    int length = snprintf(wanted, sizeof wanted, "rule=%.30s%s", tag ? tag : "", tag ? ":" : "");
    size_t size = 0;
    FILE *f = fopen(file, "re");
    bool found = false;

    while (f && !found && getline(&line, &size, f) > 0)
        found = strncmp(line, wanted, (size_t)length) == 0;
    free(line);
    if (f)
        fclose(f);
    return found;
}

int log_rules_new(struct log_rules **out, const char *file, const char *tag, const char **why)
{
    struct log_rules *r = calloc(1, sizeof *r);
    char path[PATH_SIZE];

    *out = r;
    *why = "out of memory";
    if (!r || !(r->context = ln_initCtx()))
        return -ENOMEM;
    *why = r->why;
    r->wanted = tag;
    file = file ? file : own_file(path);
    ln_setErrMsgCB(r->context, complains, NULL);
    loading = r;
    if (access(file, R_OK) != 0)
        snprintf(r->why, sizeof r->why, "%.150s: %s", file, strerror(errno));
    else if (!has_rule(file, NULL))
        snprintf(r->why, sizeof r->why, "%.150s: has no line that begins with rule=", file);
    else if (ln_loadSamples(r->context, file) != 0 && !r->why[0])
        snprintf(r->why, sizeof r->why, "%.150s: is no rulebase of liblognorm", file);
    else if (tag && !has_rule(file, tag))
        snprintf(r->why, sizeof r->why, "no such rule");
    loading = NULL;
    return r->why[0] ? -EINVAL : 0;
}

void log_rules_free(struct log_rules *r)
{
    if (!r)
        return;
    json_object_put(r->found);
    free(r->line);
    if (r->mistaken)
        broken = r->context;
    else if (r->context)
        ln_exitCtx(r->context);
    free(r);
}

static bool find(const struct log_rules *r, const char *name, const char **text, size_t *length)
{
    struct json_object *value;

    if (!json_object_object_get_ex(r->found, name, &value))
        return false;
    *text = json_object_get_string(value);
    *length = strlen(*text);
    return *length > 0;
}

static bool has_tag(struct log_rules *r)
{
    struct json_object *tags;
    const char *tag = "rules";

    if (json_object_object_get_ex(r->found, "event.tags", &tags) &&
        json_object_is_type(tags, json_type_array) && json_object_array_length(tags) > 0)
        tag = json_object_get_string(json_object_array_get_idx(tags, 0));
    snprintf(r->tag, sizeof r->tag, "%s", tag);
    return !r->wanted || strcmp(tag, r->wanted) == 0;
}

/* liblognorm reads a line that no rule is like as a string, whatever its length.  0, -ENOMEM. */
static int copy_line(struct log_rules *r, const char *text, size_t length)
{
    if (length >= r->capacity) {
        char *line = realloc(r->line, 2 * length + 1);
        if (!line)
            return -ENOMEM;
        r->line = line;
        r->capacity = 2 * length + 1;
    }
    memcpy(r->line, text, length);
    r->line[length] = '\0';
    return 0;
}

int log_rules_line(struct log_rules *r, const char *text, size_t length, enum log_unit unit,
                   struct log_fields *fields)
{
    const char *value;
    size_t size;

    fields->reason = "no rule is like it";
    json_object_put(r->found);
    r->found = NULL;
    if (copy_line(r, text, length))
        return -ENOMEM;
    if (ln_normalize(r->context, r->line, length, &r->found) != 0 || !r->found || !has_tag(r))
        return -EINVAL;
    if (!find(r, "user", &fields->user, &fields->user_length) || !find(r, "time", &value, &size)) {
        fields->reason = "its rule names no field 'time', or none 'user'";
        return -EINVAL;
    }
    if (!log_time_column(value, size, unit, &fields->time_ms, &fields->reason))
        return -EINVAL;
    if (find(r, "post", &fields->post, &fields->post_length))
        fields->has_post = true;
    else if (find(r, "request", &value, &size))
        log_access_post(value, size, fields);
    return 0;
}

const char *log_rules_tag(const struct log_rules *r)
{
    return r->tag;
}
