/* rows_texts.c - a text in its row, or in a table of its own. */
#include "bench/serve/labs/rows.h"

const char *const rows_text_names[ROWS_TEXTS] = {
    "body inline", "body apart", "bio inline", "bio apart",
};

#define HUNDRED "Of this text only the length is of interest: a hundred characters, of which a body has more than. "
#define BODY HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED  \
             HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
#define BIO HUNDRED

enum { INSERT, UPDATE, BEGIN, COMMIT, INSERT_APART };

/* What is read by lists, and what changes often: a title and its claps, a name and a last visit. */
#define INLINE(TABLE, TEXT)                                                                   \
    { .name = "rows",                                                                         \
      .schema = "CREATE TABLE " TABLE " (id INTEGER PRIMARY KEY, title text NOT NULL,"        \
                " n bigint NOT NULL, long text NOT NULL)",                                    \
      .statements = {                                                                         \
          [INSERT] = "INSERT INTO " TABLE " VALUES ($1::bigint, 'A title of middling length', 0, '" \
                     TEXT "')",                                                               \
          [UPDATE] = "UPDATE " TABLE " SET n = n + 1 WHERE id = $1::bigint",                  \
          [BEGIN] = "BEGIN", [COMMIT] = "COMMIT" } }
#define APART(TABLE, TEXT)                                                                    \
    { .name = "rows",                                                                         \
      .schema = "CREATE TABLE " TABLE " (id INTEGER PRIMARY KEY, title text NOT NULL,"        \
                " n bigint NOT NULL);"                                                        \
                "CREATE TABLE longs (id INTEGER PRIMARY KEY, long text NOT NULL)",            \
      .statements = {                                                                         \
          [INSERT] = "INSERT INTO " TABLE " VALUES ($1::bigint, 'A title of middling length', 0)", \
          [INSERT_APART] = "INSERT INTO longs VALUES ($1::bigint, '" TEXT "')",               \
          [UPDATE] = "UPDATE " TABLE " SET n = n + 1 WHERE id = $1::bigint",                  \
          [BEGIN] = "BEGIN", [COMMIT] = "COMMIT" } }

static const struct rows_plan plans[ROWS_TEXTS] = {
    [ROWS_BODY_INLINE] = INLINE("list", BODY),
    [ROWS_BODY_APART] = APART("list", BODY),
    [ROWS_BIO_INLINE] = INLINE("list", BIO),
    [ROWS_BIO_APART] = APART("list", BIO),
};

static int insert(const struct rows_engine *engine, struct rows_object *o, bool apart, int64_t id)
{
    int error = apart ? engine->execute(o, BEGIN, NULL, 0, NULL) : 0;

    error = error ? error : engine->execute(o, INSERT, &id, 1, NULL);
    if (!error && apart)
        error = engine->execute(o, INSERT_APART, &id, 1, NULL);
    if (!error && apart)
        error = engine->execute(o, COMMIT, NULL, 0, NULL);
    return error;
}

int rows_lab_text(struct rows_results *r, enum rows_text how)
{
    const struct rows_engine *engine = r->engine;
    struct rows_text_run *out = &r->texts[how];
    bool apart = how == ROWS_BODY_APART || how == ROWS_BIO_APART;
    struct rows_object *o;
    int error = engine->make(&o, &plans[how]);

    if (error)
        return error;
    engine->mark(o);
    for (int64_t id = 1; id <= ROWS_WRITES && !error; id++)
        error = insert(engine, o, apart, id);
    engine->cost(o, &out->inserted);
    engine->mark(o);
    for (int64_t id = 1; id <= ROWS_WRITES && !error; id++)
        error = engine->execute(o, UPDATE, &id, 1, NULL);
    engine->cost(o, &out->updated);
    engine->size(o, "list", &out->list);
    engine->size(o, NULL, &out->all);
    engine->end(o);
    out->done = !error;
    return error;
}
