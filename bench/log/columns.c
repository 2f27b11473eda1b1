/* columns.c - which columns and keys are what. */
#include "bench/log/columns.h"

#include <ctype.h>
#include <stdio.h>

/*
 * The names under which time, visitor and post are known, the surer ones first.
 * W3C extended (IIS, CloudFront), nginx, Caddy, Traefik, Cloudflare, Envoy, Kong, API gateways,
 * Elastic's common schema, Zeek, and what people call them by hand.
 */
static const char *const known_times[] = {
    "date+time", "time_iso8601", "msec", "time_local", "@timestamp", "StartUTC",
    "EdgeStartTimestamp", "start_time", "started_at", "requestTime", "timestamp", "ts",
    "datetime", "time", "date", NULL,
};
static const char *const known_users[] = {
    "c-ip", "remote_addr", "client_ip", "ClientIP", "request.client_ip", "request.remote_ip",
    "request.remote_addr", "ClientHost", "ClientAddr", "downstream_remote_address",
    "httpRequest.remoteIp", "properties.clientIp", "proxy.clientIp", "client.ip", "source.ip",
    "id.orig_h", "clientip", "clientIp", "remote_ip", "remote_host", "remote", "client", "user",
    "user_id", "uid", "ip", NULL,
};
static const char *const known_posts[] = {
    "cs-uri-stem", "cs-uri", "request_uri", "ClientRequestURI", "RequestPath", "request.uri",
    "httpRequest.requestUrl", "properties.requestUri", "proxy.path", "url.path", "url.original",
    "resourcePath", "uri", "path", "request", "url", "post", NULL,
};

static char role_names[LOG_ROLES][5] = { "time", "user", "post" }; /* for getsubopt() */

const char *const log_line_names[] = {
    "log", "message", "msg", "MESSAGE", "@message", "textPayload", "line", "event", "_raw", NULL,
};

unsigned log_column_number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    return text[0] >= '0' && text[0] <= '9' && !*end && n <= 1000000 ? (unsigned)n : 0;
}

bool log_same_name(struct span a, struct span b)
{
    for (size_t i = 0, k = 0;; i++, k++) {
        while (i < a.length && memchr("_- ", a.text[i], 3))
            i++;
        while (k < b.length && memchr("_- ", b.text[k], 3))
            k++;
        if (i == a.length || k == b.length)
            return i == a.length && k == b.length;
        if (tolower((unsigned char)a.text[i]) != tolower((unsigned char)b.text[k]))
            return false;
    }
}

/* Of "tme=when"; by one thread at a time. */
static const char *unknown_role(char *name)
{
    static char text[LOG_REASON_SIZE];
    static const struct log_names none;
    struct log_offer offer = { .names = &none, .nearest.wanted = name };

    name[strcspn(name, "=")] = '\0';
    for (unsigned role = 0; role < LOG_ROLES; role++)
        log_offer_add(&offer, role_names[role]);
    log_offer_say(&offer, "role", text);
    return text;
}

int log_columns_parse(struct log_columns *columns, const char *spec, const char **reason)
{
    char *const roles[] = { role_names[0], role_names[1], role_names[2], NULL };
    char **slots[] = { &columns->time, &columns->user, &columns->post };
    char *copy = strdup(spec), *rest = copy, *name;
    bool named = strchr(spec, '=') != NULL;
    int error = copy ? 0 : -ENOMEM;

    *reason = "out of memory";
    memset(columns, 0, sizeof *columns);
    for (int i = 0; !error && *rest; i++) {
        int role = getsubopt(&rest, roles, &name);
        if (!named) { /* so it is a name, which may be one of the roles' */
            name = role >= 0 ? roles[role] : name;
            role = i;
        }
        error = -EINVAL;
        if (named && role < 0)
            *reason = unknown_role(name);
        else if (role > LOG_POST || !name)
            *reason = named ? "each column must be named like time=..., user=..., post=..."
                            : "three columns at most are wanted: time,user,post";
        else if (!*name || *slots[role])
            *reason = *name ? "a column is named twice" : "a column has no name";
        else
            error = (*slots[role] = strdup(name)) ? 0 : -ENOMEM;
    }
    if (!error && (!columns->time || !columns->user)) {
        *reason = "the columns for time and user are needed";
        error = -EINVAL;
    }
    free(copy);
    if (error) {
        log_columns_free(columns);
        return error;
    }
    columns->numbered = log_column_number(columns->time) && log_column_number(columns->user) &&
                        (!columns->post || log_column_number(columns->post));
    return 0;
}

void log_columns_free(struct log_columns *columns)
{
    free(columns->time);
    free(columns->user);
    free(columns->post);
    memset(columns, 0, sizeof *columns);
}

void log_names_set(struct log_names *names, const struct log_columns *columns, const char *user)
{
    static const char *const *const known[] = { known_times, known_users, known_posts };
    const struct log_columns none = { NULL, NULL, NULL, false }, *c = columns ? columns : &none;
    const char *own[LOG_ROLES] = { c->time, user ? user : c->user, c->post };

    names->numbered = c->numbered;
    for (unsigned role = 0; role < LOG_ROLES; role++) {
        names->own[role][0] = own[role];
        names->of[role] = columns || own[role] ? names->own[role] : known[role];
    }
}

void log_offer_add(struct log_offer *o, const char *name)
{
    size_t used = strlen(o->all), before = o->nearest.distance;
    bool first = !o->nearest.best;

    if (used + strlen(name) + 8 < sizeof o->all)
        snprintf(o->all + used, sizeof o->all - used, "%s%s", used ? ", " : "", name);
    else if (used && o->all[used - 1] != '.')
        snprintf(o->all + used, sizeof o->all - used, ", ...");
    for (unsigned role = 0; role < LOG_ROLES; role++) /* it is something else already */
        if (o->names->own[role][0] && strcmp(o->names->own[role][0], name) == 0)
            return;
    if (strlen(name) >= sizeof o->best)
        return;
    nearest_offer(&o->nearest, name);
    const char *last = strrchr(name, '.');
    if (last) /* who forgets what a key is within means it nevertheless */
        nearest_offer(&o->nearest, last + 1);
    if (first || o->nearest.distance < before)
        snprintf(o->best, sizeof o->best, "%s", name);
    o->nearest.best = o->best;
}

void log_offer_say(const struct log_offer *o, const char *what, char text[LOG_REASON_SIZE])
{
    char hint[NEAREST_HINT];
    const char *near = nearest_hint(&o->nearest, "", hint);

    snprintf(text, LOG_REASON_SIZE, "there is no %s '%.40s'%s%s%s", what, o->nearest.wanted, near,
             !o->all[0] ? "" : *near ? "  There are " : "; there are ", o->all);
}

/* What a name has; the one of "date+time" that has both, as one. */
static bool find(struct log_roles *r, const struct log_record *record, const char *name,
                 bool alike, enum log_role role)
{
    struct log_value *value = &r->values[role];
    const char *plus = role == LOG_TIME ? strchr(name, '+') : NULL;

    if (record->find(record->of, (struct span){ name, strlen(name) }, alike, value))
        return true;
    if (!plus)
        return false;
    const struct span parts[] = { { name, (size_t)(plus - name) }, { plus + 1, strlen(plus + 1) } };
    r->date[0] = '\0';
    for (size_t i = 0; i < 2; i++) {
        if (!record->find(record->of, parts[i], alike, value) || !value->text.text)
            return false;
        size_t used = strlen(r->date);
        snprintf(r->date + used, sizeof r->date / 2, "%s%.*s", i ? " " : "",
                 (int)value->text.length, value->text.text);
    }
    value->text = (struct span){ r->date, strlen(r->date) };
    return true;
}

bool log_role_find(struct log_roles *r, const struct log_record *record,
                   const struct log_names *names, enum log_role role)
{
    struct log_value *value = &r->values[role];
    bool own = names->own[role][0] != NULL;

    if (r->found[role] && find(r, record, r->found[role], r->alike[role], role) &&
        (value->text.text || own))
        return true;
    for (int alike = 0; alike <= 1; alike++)
        for (const char *const *name = names->of[role]; *name; name++)
            if (find(r, record, *name, alike != 0, role) && (value->text.text || own)) {
                r->found[role] = *name;
                r->alike[role] = alike != 0;
                return true;
            }
    *value = (struct log_value){ .null = true };
    return false;
}

const char *log_role_missing(struct log_roles *r, const struct log_record *record,
                             const struct log_names *names, enum log_role role)
{
    const char *own = names->own[role][0];
    struct log_offer offer = { .names = names, .nearest.wanted = own ? own : "" };

    record->offer(record->of, &offer);
    if (own)
        log_offer_say(&offer, record->what, r->reason);
    else
        snprintf(r->reason, sizeof r->reason, "no %s is known as the %s; say --columns%s%s",
                 record->what, role_names[role], offer.all[0] ? "; there are " : "", offer.all);
    return r->reason;
}

const char *log_post_missing(struct log_roles *r, const struct log_record *record,
                             const struct log_names *names)
{
    return !names->of[LOG_POST][0] ? "--columns names none"
           : log_role_find(r, record, names, LOG_POST) ? "it is empty"
           : log_role_missing(r, record, names, LOG_POST);
}

static int refuse(struct log_fields *fields, const char *reason)
{
    fields->reason = reason;
    return -EINVAL;
}

int log_roles_take(struct log_roles *r, const struct log_record *record,
                   const struct log_names *names, enum log_unit unit, struct log_fields *fields)
{
    const struct span *time = &r->values[LOG_TIME].text, *user = &r->values[LOG_USER].text,
                      *post = &r->values[LOG_POST].text;
    bool found[LOG_ROLES];

    for (unsigned role = 0; role < LOG_ROLES; role++) {
        found[role] = log_role_find(r, record, names, role);
        if (!found[role] && role == LOG_TIME && record->around.text) {
            r->values[role].text = record->around;
            found[role] = true;
        }
        if (!found[role] && role != LOG_POST && record->cells) {
            snprintf(r->reason, sizeof r->reason, "there is no column %.20s for the %s: it has %zu; "
                     "--columns counts them from 1 on, and --delimiter says what is between",
                     names->own[role][0], role_names[role], record->cells);
            return refuse(fields, r->reason);
        }
        if (!found[role] && role != LOG_POST)
            return refuse(fields, record->missing ? record->missing
                                                  : log_role_missing(r, record, names, role));
        if (role == LOG_TIME && !time->text)
            return refuse(fields, "the time stamp is neither a number nor a string");
        if (role == LOG_TIME && !log_time(time->text, time->length, unit, &fields->time_ms,
                                          &fields->reason)) {
            const char *name = r->found[role];
            snprintf(r->reason, sizeof r->reason, "%s (of %s)", fields->reason, name ? name : "");
            return name && strchr(name, '+') ? refuse(fields, r->reason) : -EINVAL;
        }
    }
    if (!user->text)
        return refuse(fields, "the visitor is neither a string nor a number");
    if (!post->text && !r->values[LOG_POST].null)
        return refuse(fields, "the post is neither a string nor a number");
    fields->user = user->text;
    fields->user_length = user->length;
    fields->post = post->text;
    fields->post_length = post->length;
    fields->has_post = post->text != NULL;
    return 0;
}
