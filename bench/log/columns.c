/* columns.c - which columns and keys are what. */
#include "bench/log/columns.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    "httpRequest.remoteIp", "client.ip", "source.ip", "id.orig_h", "clientip", "clientIp",
    "remote_ip", "remote_host", "client", "user", "user_id", "uid", "ip", NULL,
};
static const char *const known_posts[] = {
    "cs-uri-stem", "request_uri", "ClientRequestURI", "RequestPath", "request.uri",
    "httpRequest.requestUrl", "url.path", "resourcePath", "uri", "path", "request", "url", "post",
    NULL,
};

bool log_column_number(const char *text, unsigned *number)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    *number = (unsigned)n;
    return text[0] >= '0' && text[0] <= '9' && !*end && n >= 1 && n <= 1000000;
}

static bool joins_words(char c)
{
    return c == '_' || c == '-' || c == ' ';
}

bool log_same_name(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const char *a_end = a + a_length, *b_end = b + b_length;

    for (;; a++, b++) {
        while (a != a_end && joins_words(*a))
            a++;
        while (b != b_end && joins_words(*b))
            b++;
        if (a == a_end || b == b_end)
            return a == a_end && b == b_end;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
    }
}

/* "role=name", or a name alone for the role that is next; NULL = wrong, *reason says why. */
static char **column_slot(struct log_columns *c, char **part, unsigned position, bool named,
                          const char **reason)
{
    static const char *const roles[] = { "time", "user", "post" };
    char **slots[] = { &c->time, &c->user, &c->post };
    char *name = strchr(*part, '=');
    unsigned role = position;

    *reason = named ? "each column must be named like time=..., user=..., post=..."
                    : "three columns at most are wanted: time,user,post";
    if (named && !name)
        return NULL;
    if (named) {
        *name++ = '\0';
        for (role = 0; role < LOG_POST + 1u && strcmp(roles[role], *part) != 0; role++)
            ;
        *part = name;
    }
    if (role > LOG_POST)
        return NULL;
    *reason = **part ? "a column is named twice" : "a column has no name";
    return **part && !*slots[role] ? slots[role] : NULL;
}

int log_columns_parse(struct log_columns *columns, const char *spec, const char **reason)
{
    char *copy = strdup(spec), *rest = copy, *part;
    bool named = strchr(spec, '=') != NULL;
    int error = copy ? 0 : -ENOMEM;

    *reason = "out of memory";
    memset(columns, 0, sizeof *columns);
    for (unsigned i = 0; !error && (part = strsep(&rest, ",")); i++) {
        char **slot = column_slot(columns, &part, i, named, reason);
        if (!slot)
            error = -EINVAL;
        else if (!(*slot = strdup(part)))
            error = -ENOMEM;
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
    unsigned at;
    columns->numbered = log_column_number(columns->time, &at) &&
                        log_column_number(columns->user, &at) &&
                        (!columns->post || log_column_number(columns->post, &at));
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
    *names = (struct log_names){
        .of = { known_times, known_users, known_posts }, .known = !columns,
    };
    if (columns) {
        const char *own[LOG_ROLES] = { columns->time, columns->user, columns->post };
        for (unsigned role = 0; role < LOG_ROLES; role++) {
            names->own[role][0] = own[role];
            names->of[role] = names->own[role];
        }
        names->numbered = columns->numbered;
    }
    if (user) {
        names->own[LOG_USER][0] = user;
        names->of[LOG_USER] = names->own[LOG_USER];
    }
}

void log_offer_begin(struct log_offer *o, const struct log_names *names, enum log_role role)
{
    *o = (struct log_offer){ .names = names, .role = role };
    o->nearest.wanted = names->of[role][0];
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
    if (first || o->nearest.distance < before)
        snprintf(o->best, sizeof o->best, "%s", name);
    o->nearest.best = o->best;
}

const char *log_offer_say(struct log_offer *o, const char *what, char buffer[LOG_REASON_SIZE])
{
    static const char *const roles[] = { "time", "user", "post" };
    char hint[NEAREST_HINT];
    int used;

    if (o->names->known)
        used = snprintf(buffer, LOG_REASON_SIZE, "no %s is known as the %s; say --columns", what,
                        roles[o->role]);
    else
        used = snprintf(buffer, LOG_REASON_SIZE, "there is no %s '%.40s'%s", what,
                        o->nearest.wanted, nearest_hint(&o->nearest, "", hint));
    if (used > 0 && o->all[0])
        snprintf(buffer + used, LOG_REASON_SIZE - (size_t)used, "%s are %s",
                 buffer[used - 1] == '?' ? "  There" : "; there", o->all);
    return buffer;
}
