/* page_words.c - what the page says of strategies, needs and floors: the registry's words, not the files'. */
#include "bench/base/family.h"
#include "bench/floors/calibrate.h"
#include "bench/judge/needs.h"
#include "bench/judge/promise.h"
#include "bench/judge/simplicity.h"
#include "bench/report/page.h"

/* The words of those needs that it does not meet. */
static json_t *lacks_json(const struct contestant *c)
{
    json_t *list = json_array();

    for (unsigned at = 0; need_word(at); at++)
        if (needs_unmet(1u << at, c))
            json_array_append_new(list, json_string(need_word(at)));
    return list;
}

static json_t *strategy_json(const struct contestant *c)
{
    char asks[SIMPLICITY_WORDS];
    bool taken = !(contestant_identity(c)->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT));

    return json_pack("{s:s, s:i, s:s, s:b, s:s?, s:o}", "title", contestant_identity(c)->title, "debts",
                     (int)simplicity_rank(c), "asks", simplicity_words(c, asks), "taken", (int)taken, "demand",
                     promise_demand(c), "lacks", lacks_json(c));
}

static json_t *object_json(const struct family *f)
{
    json_t *strategies = json_object();
    struct contestant c;

    for (size_t i = 0; contestant_exists(&(struct contestant){ .ops = f->at(i) }); i++) {
        c = contestant_at(f, i);
        json_object_set_new(strategies, contestant_identity(&c)->name, strategy_json(&c));
    }
    return json_pack("{s:s, s:s, s:s, s:o}", "heading", f->heading, "article", f->article, "what", f->what, "strategies",
                     strategies);
}

json_t *page_words(void)
{
    json_t *objects = json_object(), *needs = json_array(), *floors = json_object();

    for (const struct family *const *f = families; *f; f++)
        json_object_set_new(objects, (*f)->name, object_json(*f));
    for (unsigned at = 0; need_word(at); at++)
        json_array_append_new(needs, json_pack("{s:s, s:s}", "word", need_word(at), "question",
                                               need_question((enum need)(1u << at))));
    for (const struct calibration_field *f = calibration_fields; f->name; f++)
        json_object_set_new(floors, f->name, json_pack("{s:s, s:s}", "title", f->title, "unit", f->unit));
    return json_pack("{s:o, s:o, s:o}", "objects", objects, "needs", needs, "floors", floors);
}
