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
    struct rule *list;
    size_t count;
    const struct rule *last; /* of the last line */
    struct span line, client; /* the last line, and the visitor's field in it */
    long asked_field;         /* of the whole line; 0: nobody asked for one */
    size_t field, before;     /* of the head, as was found out; and the fields in front of it */
    const char *user[3];
    struct log_names names;
    struct log_roles roles;
};

/* Whether another part of the regular expression calls the group, as (?&name) or (?P>name). */
static bool is_called(const char *regex, const char *name)
{
    for (const char *at = regex; (at = strstr(at, name)) != NULL; at++)
        if (at > regex && (at[-1] == '&' || at[-1] == '>'))
            return true;
    return false;
}

/* A group that nobody asks for is a misspelt one.  0, or -EINVAL and the cause. */
static int check_groups(const struct log_rules *r, const struct rule *rule, const char *regex,
                        char cause[LOG_REASON_SIZE])
{
    static const char *const groups[] = { "time", "user", "request", "post", "head", "front" };
    bool has_time = false, has_user = r->asked_field || !r->user[1];
    const char *name;

    for (unsigned n = 0; (name = pattern_name(&rule->pattern, n)) != NULL; n++) {
        struct log_offer offer = { .names = &r->names, .nearest.wanted = name };
        for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
            log_offer_add(&offer, groups[i]);
        has_time |= strcmp(name, "time") == 0;
        has_user |= strcmp(name, "user") == 0 || strcmp(name, "head") == 0;
        if (!offer.nearest.distance || is_called(regex, name) || strcmp(name, r->user[0]) == 0)
            continue;
        log_offer_say(&offer, "group", cause);
        return -EINVAL;
    }
    snprintf(cause, LOG_REASON_SIZE, "there is no group '%s' in it", has_time ? "user" : "time");
    return rule->name[0] == '?' || (has_time && has_user) ? 0 : -EINVAL;
}

static int add_rule(struct log_rules *r, const char *name, unsigned line, struct span regex,
                    char *why)
{
    struct rule rule = { .name = name };
    char cause[LOG_REASON_SIZE];
    int error = pattern_new(&rule.pattern, regex, cause, sizeof cause);

    if (!error)
        error = check_groups(r, &rule, regex.text, cause);
    if (error == -EINVAL)
        snprintf(why, LOG_REASON_SIZE, "rule %.40s in line %u: %.190s", name, line, cause);
    struct rule *list = error ? NULL : realloc(r->list, (r->count + 1) * sizeof *list);
    if (list) {
        r->list = list;
        list[r->count++] = rule;
        return 0;
    }
    pattern_free(&rule.pattern);
    return error ? error : -ENOMEM;
}

/* Cuts the text into rules, and joins their lines in it. */
static int parse_text(struct log_rules *r, char *why)
{
    unsigned number = 1, first;
    char *rest = r->text, *end;
    int error = 0;

    while (!error && rest) {
        char *name = strsep(&rest, "\n"), *regex = *name == '#' ? NULL : strchr(name, '=');
        first = number++;
        if (!regex)
            continue;
        *regex++ = '\0';
        for (end = regex + strlen(regex); rest && *rest == ' '; end += strlen(end), number++) {
            const char *line = strsep(&rest, "\n") + 1;
            memmove(end, line, strlen(line) + 1);
        }
        error = add_rule(r, name, first, (struct span){ regex, (size_t)(end - regex) }, why);
    }
    return error;
}

int log_rules_new(struct log_rules **out, const char *file, long field, const char *name,
                  char why[LOG_REASON_SIZE])
{
    static const char *const times[] = { "time", NULL };
    static const char *const posts[] = { "request", "post", NULL };
    struct log_rules *r = *out = calloc(1, sizeof *r);
    char *own = (char *)(uintptr_t)page_rules; /* it is only read */
    FILE *f = file ? fopen(file, "re") : fmemopen(own, strlen(own), "r");
    size_t size = 0;
    int error = r && f && getdelim(&r->text, &size, '\0', f) > 0 ? 0
                : !r || !file ? -ENOMEM : -EINVAL;

    if (error == -EINVAL)
        snprintf(why, LOG_REASON_SIZE, "%.150s: %s", file,
                 f && !ferror(f) ? "has no line NAME=REGEX" : strerror(errno));
    if (f)
        fclose(f);
    if (error)
        return error;
    r->asked_field = field;
    r->field = 1;
    r->user[0] = name ? name : field ? "client" : "user";
    r->user[1] = name ? NULL : "client";
    r->names = (struct log_names){ .of = { times, r->user, posts }, .own[LOG_USER] = { name } };
    error = parse_text(r, why);
    if (error || r->count)
        return error;
    snprintf(why, LOG_REASON_SIZE, "%.150s: has no line NAME=REGEX", file);
    return -EINVAL;
}

void log_rules_free(struct log_rules *r)
{
    if (!r)
        return;
    while (r->count)
        pattern_free(&r->list[--r->count].pattern);
    free(r->text);
    free(r->list);
    free(r);
}

int log_rules_check(const struct log_rules *r, const char *name, char why[LOG_REASON_SIZE])
{
    struct log_offer offer = { .names = &r->names, .nearest.wanted = name };

    for (int format = LOG_FORMAT_AUTO; format <= LOG_FORMAT_RULES; format++)
        log_offer_add(&offer, log_format_name((enum log_format)format));
    for (size_t i = 0; i < r->count; i++) {
        const char *rule = r->list[i].name;
        if (strcmp(rule, name) == 0)
            return 0;
        if (rule[0] != '?' && strcmp(rule, "log") != 0)
            log_offer_add(&offer, rule);
    }
    log_offer_say(&offer, "format", why);
    return -EINVAL;
}

const char *log_rules_last(const struct log_rules *r)
{
    return r->last ? r->last->name : "rules";
}

long log_rules_field(const struct log_rules *r)
{
    return r->asked_field ? r->asked_field : (long)(r->before + r->field);
}

void log_request(struct span request, struct log_fields *fields)
{
    static const char regex[] = "^(?:\\e\\[[\\d;]*m)?[A-Za-z_][-A-Za-z_]* +(.*?)(?: HTTP/\\S*)?$";
    static struct pattern p;
    struct span post;

    fields->has_post = pattern_find(&p, regex, request, 0) && pattern_group(&p, request, 1, &post);
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

static void offer_groups(void *of, struct log_offer *offer)
{
    const struct log_rules *r = of;
    const char *name;

    for (unsigned n = 0; (name = pattern_name(&r->last->pattern, n)) != NULL; n++)
        log_offer_add(offer, name);
}

/* The visitor's field: where it is wanted, or where it was found in the head. */
static int find_client(struct log_rules *r, struct span head, const char **reason)
{
    struct span list[CLIENT_FIELDS], text = r->asked_field ? r->line : head;
    size_t all = r->asked_field ? client_fields(text, SIZE_MAX, list) : 0;
    size_t wanted = r->asked_field > 0 ? (size_t)r->asked_field
                    : r->asked_field ? all + 1 + (size_t)r->asked_field : r->field;
    size_t count = client_fields(text, wanted, list);

    r->client = count ? list[(count - 1) % CLIENT_FIELDS] : (struct span){ "", 0 };
    bool quoted = !r->asked_field && memchr(r->client.text, '"', r->client.length);
    if (count && count == wanted && !quoted)
        return 0;
    snprintf(r->roles.reason, sizeof r->roles.reason,
             "it has no field %ld, as --user-field wants: it has %zu, and -1 is the last",
             r->asked_field, all);
    *reason = r->asked_field ? r->roles.reason
              : quoted ? "a quote that is not closed stands before its host"
              : count ? "it has fewer fields in front of its time than the first lines"
                      : "no host stands in front of its time";
    return -EINVAL;
}

/* Which rule the line is like; NULL and the reason if none is. */
static const struct rule *find_rule(struct log_rules *r, const char *name, const char **reason)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct rule *rule = &r->list[i];
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
    struct log_record record = { .of = r, .what = "group", .find = find_group,
                                 .offer = offer_groups };
    struct span head = line;

    r->line = line;
    r->client = (struct span){ NULL, 0 };
    const struct rule *rule = find_rule(r, name, &fields->reason);
    if (!rule)
        return -EINVAL;
    r->last = rule;
    bool has_head = pattern_named(&rule->pattern, line, "head", &head);
    if ((r->asked_field || has_head) && find_client(r, head, &fields->reason) != 0)
        return -EINVAL;
    if (has_head)
        record.missing = "its fields have no names: --user-field=1 is the first, -1 the last";
    else if (r->user[1])
        record.missing = "its rule found no time in it, or no visitor";
    int error = log_roles_take(&r->roles, &record, &r->names, unit, fields);
    if (!error && fields->has_post && strcmp(r->roles.found[LOG_POST], "request") == 0)
        log_request((struct span){ fields->post, fields->post_length }, fields);
    return error;
}

size_t log_rules_look(struct log_rules *r, const struct span *lines, size_t count)
{
    struct client_columns columns = { .lines = 0 };
    struct span head, list[CLIENT_FIELDS];
    struct log_fields fields;

    r->field = 1;
    r->before = 0;
    for (size_t i = 0; i < count; i++) {
        if (log_rules_line(r, "log", lines[i], LOG_UNIT_AUTO, &fields) != 0)
            continue;
        if (pattern_named(&r->last->pattern, lines[i], "head", &head))
            client_look(&columns, head);
        if (pattern_named(&r->last->pattern, lines[i], "front", &head))
            r->before = client_fields(head, CLIENT_FIELDS, list);
    }
    r->field = client_choose(&columns);
    return columns.lines;
}
