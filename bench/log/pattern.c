/* pattern.c - PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "bench/log/pattern.h"

#include <pcre2.h>
#include <stdio.h>

int pattern_new(struct pattern *p, struct span regex, char *why, size_t size)
{
    const uint32_t options = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
    PCRE2_UCHAR message[128];
    PCRE2_SIZE at = 0;
    int error = 0;

    *p = (struct pattern){ NULL, NULL };
    p->code = pcre2_compile((PCRE2_SPTR)regex.text, regex.length, options, &error, &at, NULL);
    if (p->code) {
        pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* else it is slower */
        p->match = pcre2_match_data_create_from_pattern(p->code, NULL);
        return p->match ? 0 : -ENOMEM;
    }
    if (error == PCRE2_ERROR_HEAP_FAILED)
        return -ENOMEM;
    pcre2_get_error_message(error, message, sizeof message);
    if (why)
        snprintf(why, size, "%s, before '%.*s'", (char *)message,
                 (int)(regex.length - at < 20 ? regex.length - at : 20), regex.text + at);
    return -EINVAL;
}

void pattern_free(struct pattern *p)
{
    pcre2_match_data_free(p->match);
    pcre2_code_free(p->code);
}

bool pattern_match(const struct pattern *p, struct span text, size_t from)
{
    return pcre2_match(p->code, (PCRE2_SPTR)text.text, text.length, from, 0, p->match, NULL) > 0;
}

bool pattern_find(struct pattern *p, const char *regex, struct span text, size_t from)
{
    struct span all = { regex, strlen(regex) };

    return (p->code || pattern_new(p, all, NULL, 0) == 0) && pattern_match(p, text, from);
}

bool pattern_group(const struct pattern *p, struct span text, unsigned group, struct span *value)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(p->match) + (size_t)2 * group;

    if (group >= pcre2_get_ovector_count(p->match) || ends[0] == PCRE2_UNSET)
        return false;
    *value = (struct span){ text.text + ends[0], ends[1] - ends[0] };
    return true;
}

bool pattern_named(const struct pattern *p, struct span text, const char *name,
                   struct span *value)
{
    int group = pcre2_substring_number_from_name(p->code, (PCRE2_SPTR)name);

    return group > 0 && pattern_group(p, text, (unsigned)group, value);
}

const char *pattern_name(const struct pattern *p, unsigned n)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR names = NULL;

    pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &names);
    /* An entry begins with the group's number, in two bytes. */
    return n < count ? (const char *)(names + (size_t)n * size + 2) : NULL;
}
