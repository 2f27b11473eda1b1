/* rules.c - named regular expressions find the fields of a line. */
#include <stdio.h>

#include "bench/log/client.h"
#include "bench/log/pattern.h"
#include "bench/log/readers.h"

struct rule {
    const char *name; /* '?' and a reason, of lines that no rule is like */
    struct pattern pattern;
};

struct log_rules {
    char *text;              /* the file */
    struct bytes list;       /* the rules */
    const struct rule *last; /* of the last line */
    struct span line, client; /* the last line, and the visitor's field in it */
    long asked_field, field;
    const char *user[3];
    struct log_names names;
    struct log_roles roles;
};

static size_t count_rules(const struct log_rules *r)
{
    return r->list.used / sizeof(struct rule);
}

static const struct rule *rule_at(const struct log_rules *r, size_t i)
{
    return (const struct rule *)(const void *)r->list.at + i;
}

static int add_rule(struct log_rules *r, const char *name, struct span regex, char *why)
{
    struct rule rule = { .name = name };
    char cause[LOG_REASON_SIZE / 2];
    int error = pattern_new(&rule.pattern, regex, cause, sizeof cause);

    if (error == -EINVAL)
        snprintf(why, LOG_REASON_SIZE, "rule %.40s: %s", name, cause);
    if (!error)
        error = bytes_add(&r->list, (const char *)&rule, sizeof rule);
    if (error)
        pattern_free(&rule.pattern);
    return error;
}

/* Cuts the text into rules. */
static int parse_text(struct log_rules *r, char *why)
{
    struct bytes regex = { NULL, 0, 0 };
    const char *name = NULL;
    char *rest = r->text, *line;
    int error = 0;

    while (!error && (name || rest)) {
        line = strsep(&rest, "\n");
        if (line && *line == ' ' && name) {
            error = bytes_add(&regex, line + 1, strlen(line + 1));
            continue;
        }
        if (name)
            error = add_rule(r, name, (struct span){ regex.at, regex.used }, why);
        name = NULL;
        regex.used = 0;
        char *equal = line && *line && *line != '#' ? strchr(line, '=') : NULL;
        if (equal && !error) {
            *equal = '\0';
            name = line;
            error = bytes_add(&regex, equal + 1, strlen(equal + 1));
        }
    }
    free(regex.at);
    return error;
}

int log_rules_new(struct log_rules **out, const char *file, char why[LOG_REASON_SIZE])
{
    static const char *const times[] = { "time", NULL };
    static const char *const posts[] = { "request", "post", NULL };
    struct log_rules *r = calloc(1, sizeof *r);
    FILE *f = file ? fopen(file, "re") : NULL;
    size_t size = 0;
    int error = !r ? -ENOMEM : file && !f ? -EINVAL : 0;

    *out = r;
    if (file && !f)
        snprintf(why, LOG_REASON_SIZE, "%.150s: %s", file, strerror(errno));
    if (r)
        r->names = (struct log_names){ .of = { times, r->user, posts }, .known = true };
    if (!error && f && getdelim(&r->text, &size, '\0', f) < 0)
        error = errno == ENOMEM ? -ENOMEM : 0;
    if (!error && !file && !(r->text = strdup(page_rules)))
        error = -ENOMEM;
    if (f)
        fclose(f);
    if (!error)
        error = parse_text(r, why);
    if (!error && !count_rules(r)) {
        snprintf(why, LOG_REASON_SIZE, "%.150s: has no line NAME=REGEX", file);
        error = -EINVAL;
    }
    if (!error)
        log_rules_visitor(r, 0, NULL);
    return error;
}

void log_rules_free(struct log_rules *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < count_rules(r); i++) {
        struct pattern p = rule_at(r, i)->pattern;
        pattern_free(&p);
    }
    free(r->text);
    free(r->list.at);
    free(r);
}

bool log_rules_has(const struct log_rules *r, const char *name)
{
    for (size_t i = 0; i < count_rules(r); i++)
        if (strcmp(rule_at(r, i)->name, name) == 0)
            return true;
    return false;
}

const char *log_rules_last(const struct log_rules *r)
{
    return r->last ? r->last->name : "rules";
}

void log_rules_visitor(struct log_rules *r, long field, const char *name)
{
    r->asked_field = r->field = field;
    r->user[0] = name ? name : field ? "client" : "user";
    r->user[1] = name ? NULL : "client";
    r->roles.found[LOG_USER] = NULL;
}

long log_rules_field(const struct log_rules *r)
{
    return r->field;
}

void log_request(struct span request, struct log_fields *fields)
{
    static const char regex[] = "^(?:\\e\\[[\\d;]*m)?[A-Za-z_][-A-Za-z_]* +(.*?)(?: HTTP/\\S*)?$";
    static struct pattern p;
    struct span all = { regex, sizeof regex - 1 }, post;

    if (!p.code && pattern_new(&p, all, NULL, 0) != 0)
        return;
    fields->has_post = pattern_match(&p, request, 0) && pattern_group(&p, request, 1, &post);
    if (fields->has_post) {
        fields->post = post.text;
        fields->post_length = post.length;
        fields->is_path = true;
    }
}

static bool find_group(void *of, struct span name, bool alike, struct log_value *value)
{
    struct log_rules *r = of;

    (void)alike;
    value->null = false;
    value->text = r->client;
    return (strcmp(name.text, "client") == 0 && r->client.text) ||
           pattern_named(&r->last->pattern, r->line, name.text, &value->text);
}

/* Which rule the line is like; NULL and the reason if none is. */
static const struct rule *find_rule(struct log_rules *r, const char *name, const char **reason)
{
    for (size_t i = 0; i < count_rules(r); i++) {
        const struct rule *rule = rule_at(r, i);
        bool is_log = rule->name[0] == '?' || strcmp(rule->name, "log") == 0;
        bool wanted = name ? strcmp(name, rule->name) == 0 ||
                             (rule->name[0] == '?' && strcmp(name, "log") == 0) : !is_log;
        if (wanted && pattern_match(&rule->pattern, r->line, 0)) {
            *reason = rule->name + 1;
            return rule->name[0] == '?' ? NULL : rule;
        }
    }
    *reason = "no rule is like it";
    return NULL;
}

int log_rules_line(struct log_rules *r, const char *name, struct span line, enum log_unit unit,
                   struct log_fields *fields)
{
    const struct log_record record = {
        .of = r, .find = find_group, .missing = "its rule has no group 'time', or none 'user'",
    };
    struct span head, list[CLIENT_FIELDS], last;

    r->line = line;
    r->client = (struct span){ NULL, 0 };
    const struct rule *rule = find_rule(r, name, &fields->reason);
    if (!rule)
        return -EINVAL;
    r->last = rule;
    bool has_head = pattern_named(&rule->pattern, line, "head", &head);
    if (r->asked_field || has_head) {
        size_t wanted = r->field > 0 ? (size_t)r->field : r->field ? SIZE_MAX : 1;
        size_t count = client_fields(wanted > 1 || !has_head ? line : head, wanted, list, &last);
        if (!count || (count < wanted && wanted != SIZE_MAX)) {
            fields->reason = wanted > 1 ? "it has not so many fields that the visitor is one"
                                        : "it does not begin with a host and a blank";
            return -EINVAL;
        }
        r->client = last;
    }
    int error = log_roles_take(&r->roles, &record, &r->names, unit, fields);
    if (!error && fields->has_post && strcmp(r->roles.found[LOG_POST], "request") == 0)
        log_request((struct span){ fields->post, fields->post_length }, fields);
    return error;
}

size_t log_rules_look(struct log_rules *r, const struct span *lines, size_t count, bool *address)
{
    struct client_columns columns = { .lines = 0 };
    struct log_fields fields;
    struct span head;

    r->field = r->asked_field;
    for (size_t i = 0; i < count; i++)
        if (log_rules_line(r, "log", lines[i], LOG_UNIT_AUTO, &fields) == 0 &&
            pattern_named(&r->last->pattern, lines[i], "head", &head))
            client_look(&columns, head);
    long field = (long)client_choose(&columns, address);
    if (!r->asked_field)
        r->field = field;
    return columns.lines;
}
