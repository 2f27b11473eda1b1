/* check_json.c - see check_json.h. */
#include "bench/tool/check_json.h"

static json_t *replay_of(const struct suite_failure *f)
{
    char text[CHECK_CHOICES + 512];

    if (!f->result.choices[0]) /* too many for a string */
        return json_null();
    suite_replay_print(f, text, sizeof text);
    return json_string(text);
}

static json_t *failure_json(const struct suite_failure *f)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o}",
                     "verdict", check_verdict_name(f->result.verdict), "text", f->result.text,
                     "scenario", f->scenario.text,
                     "memory", f->options.mode == CHECK_WEAK ? "weak" : "sc",
                     "freed", f->options.reuse == CHECK_LIFO ? "reused" : "kept",
                     "execution", (json_int_t)f->result.failing, "replay", replay_of(f));
}

static json_t *progress_json(const struct progress_verdict *v)
{
    static const char *const declared[] = { [CONTEND_BLOCKING] = "blocking",
                                            [CONTEND_LOCK_FREE] = "lock-free",
                                            [CONTEND_WAIT_FREE] = "wait-free" };
    const char *seen = v->blocks ? "blocking" : v->starves ? "lock-free" : "wait-free";

    return json_pack("{s:s, s:s, s:o, s:b, s:i, s:o, s:o}",
                     "operation", v->operation,
                     "declared", v->declared < sizeof declared / sizeof *declared &&
                                         declared[v->declared] ? declared[v->declared] : "unknown",
                     /* A declared blocking operation is not starved, once it was held up. */
                     "seen", v->wrong && !v->blocks && !v->starves ? json_null() : json_string(seen),
                     "holds", !v->wrong, "stops", (int)v->stops,
                     "text", v->wrong ? json_string(v->text) : json_null(),
                     "replay", v->has_steps ? replay_of(&v->failure) : json_null());
}

static const char *verdict_of(const struct suite_result *r, bool progress)
{
    return r->failed || !progress ? "failed" : r->interrupted ? "interrupted"
           : r->scenarios == 0 ? "not supported" : "nothing found";
}

json_t *check_json_strategy(const struct subject *s, const struct suite_result *r,
                            const struct progress_verdict *verdicts, unsigned count)
{
    char name[SUBJECT_NAME];
    json_t *progress = json_array();
    bool holds = true;

    for (unsigned i = 0; i < count; i++) {
        holds &= !verdicts[i].wrong;
        json_array_append_new(progress, progress_json(&verdicts[i]));
    }
    subject_name(s, name, sizeof name);
    return json_pack("{s:s, s:s, s:i, s:I, s:f, s:i, s:i, s:I, s:b, s:o, s:o}",
                     "name", name, "verdict", verdict_of(r, holds), "scenarios", (int)r->scenarios,
                     "executions", (json_int_t)r->executions, "seconds", r->seconds,
                     "explored", (int)r->explored, "exhausted", (int)r->exhausted,
                     "races", (json_int_t)r->races, "only_races", r->only_races,
                     "failure", r->failed ? failure_json(&r->failure) : json_null(),
                     "progress", progress);
}

/* What cannot be checked, where everything was asked for. */
static json_t *boxes_json(const struct check_request *q)
{
    json_t *boxes = json_array();
    char name[SUBJECT_NAME];

    for (const struct family *const *f = families; q->all && *f; f++)
        for (const struct contend_missing *m = *q->copy->boxes[(*f)->index]; m->name; m++) {
            snprintf(name, sizeof name, "%s/%s", (*f)->folder, m->name);
            json_array_append_new(boxes, json_pack("{s:s, s:s}", "name", name, "built_on", m->why));
        }
    return boxes;
}

char *check_json_text(const struct check_request *q, const struct check_totals *t, json_t *strategies)
{
    json_t *root = json_pack("{s:s, s:i, s:I, s:s, s:s, s:i, s:i, s:i, s:b, s:o, s:o}",
                             "schema", "contend.check", "version", 1, "seed", (json_int_t)q->suite.seed,
                             "memory", q->suite.mode < 0 ? "both"
                                       : q->suite.mode == CHECK_WEAK ? "weak" : "sc",
                             "level", q->copy->level, "checked", (int)t->checked,
                             "failed", (int)t->failed, "not_begun", (int)t->not_begun,
                             "interrupted", t->interrupted, "strategies", strategies,
                             "not_checked", boxes_json(q));
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;

    json_decref(root);
    return text;
}
