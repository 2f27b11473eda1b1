/* unattended.c - the shapes of a lab, one after the other. */
#include "bench/course/unattended.h"

#include <errno.h>
#include <string.h>

enum { LIMIT_S = 60, LIMIT_WHOLE_S = 300 };

static const char *verdict_of(enum claim_verdict v)
{
    return v == CLAIM_HOLDS ? "holds" : v == CLAIM_FAILS ? "fails" : "unknown";
}

static json_t *number(double x)
{
    return x == x ? json_real(x) : json_null();
}

static json_t *lesson_json(const struct lesson *l, bool whole)
{
    json_t *claims = json_array();

    for (unsigned i = 0; i < l->shape.count; i++)
        if (!l->shape.claims[i].answer)
            json_array_append_new(
                claims, json_pack("{s:s, s:s, s:o, s:o}", "claim", l->shape.claims[i].text, "verdict",
                                  verdict_of(l->seen[i].verdict), "left", number(l->seen[i].left),
                                  "right", number(l->seen[i].right)));
    json_t *told = json_pack("{s:s, s:s, s:s, s:s, s:i, s:f, s:o, s:o}", "command", l->command->text,
                             "outcome", lesson_word(l->outcome), "why", l->why, "answers", l->answers,
                             "tries", (int)l->tries, "seconds", l->seconds, "others",
                             number(l->attempt.others), "claims", claims);
    if (whole && l->attempt.output)
        json_object_set_new(told, "output", json_string(l->attempt.output));
    return told;
}

static void take(struct unattended *out, const struct lesson *l, const struct page_block *expect,
                 bool whole)
{
    out->shapes++;
    out->shown += l->outcome == LESSON_SHOWN;
    out->seconds += l->seconds;
    json_array_append_new(json_object_get(out->json, "shapes"), lesson_json(l, whole));
    if (l->outcome <= out->outcome)
        return;
    out->outcome = l->outcome;
    snprintf(out->why, sizeof out->why, "%s%.0u%s%.350s", l->outcome == LESSON_FAILED ? "line " : "",
             l->outcome == LESSON_FAILED ? expect->line : 0, l->outcome == LESSON_FAILED ? ": " : "",
             l->why);
}

void unattended_check(const struct lab *lab, bool whole, struct unattended *out)
{
    static struct lesson l;
    struct lesson_request q = {
        .quick = !whole, .silent = true, .limit_s = whole ? LIMIT_WHOLE_S : LIMIT_S,
    };

    *out = (struct unattended){ .outcome = LESSON_SHOWN };
    out->json = json_pack("{s:i, s:s, s:s, s:[]}", "number", (int)lab->number, "name", lab->name, "title",
                          lab->page.title, "shapes");
    for (unsigned i = 0; i < lab->page.count && out->outcome < LESSON_FAILED; i++) {
        const struct page_block *b = &lab->page.blocks[i];
        if (b->kind != BLOCK_EXPECT)
            continue;
        int error = lesson_run(&l, b, &q);
        if (error) {
            l.outcome = LESSON_FAILED;
            if (error != -EINVAL)
                snprintf(l.why, sizeof l.why, "%s", strerror(-error));
        }
        take(out, &l, b, whole);
        lesson_free(&l);
    }
    if (out->outcome == LESSON_SHOWN && out->shapes == 0) {
        out->outcome = LESSON_FAILED;
        snprintf(out->why, sizeof out->why, "nothing is expected in it");
    }
    json_object_set_new(out->json, "outcome", json_string(lesson_word(out->outcome)));
    json_object_set_new(out->json, "why", json_string(out->why));
    json_object_set_new(out->json, "seconds", json_real(out->seconds));
}
