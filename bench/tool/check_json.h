/*
 * check_json.h - the verdicts of `contend check` for programs: docs/check.schema.json.
 *
 * The document is built up while strategies are checked, so that an interrupted run writes what it has.
 */
#ifndef CONTEND_BENCH_TOOL_CHECK_JSON_H
#define CONTEND_BENCH_TOOL_CHECK_JSON_H

#include <jansson.h>

#include "bench/tool/check_request.h"

/* What has become of the whole command. */
struct check_totals {
    unsigned checked, failed, not_begun;
    bool interrupted;
};

/* One strategy; *result holds its failure, and the verdicts on progress are `count`.  NULL: no memory. */
json_t *check_json_strategy(const struct subject *subject, const struct suite_result *result,
                            const struct progress_verdict *verdicts, unsigned count);

/* The text of the document, which takes `strategies` over; free() it.  NULL: no memory. */
char *check_json_text(const struct check_request *request, const struct check_totals *totals,
                      json_t *strategies);

#endif
