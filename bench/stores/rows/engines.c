/* engines.c - which databases rows can be laid out in. */
#include "bench/stores/rows/rows.h"

#ifdef CONTEND_ROWS_SQLITE
extern const struct rows_engine rows_sqlite;
#endif
#ifdef CONTEND_ROWS_PG
extern const struct rows_engine rows_pg;
#endif

const struct rows_engine *const rows_engines[] = {
#ifdef CONTEND_ROWS_SQLITE
    &rows_sqlite,
#endif
#ifdef CONTEND_ROWS_PG
    &rows_pg,
#endif
    NULL,
};
