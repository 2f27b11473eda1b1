/*
 * structures.h - what check_structures_main() does with each structure.
 */
#ifndef CONTEND_BENCH_CHECK_STRUCTURES_H
#define CONTEND_BENCH_CHECK_STRUCTURES_H

#include "bench/check/plan.h"
#include "bench/check/session.h"

/* Executions of each made-up scenario for each way of exploring, where nothing else is asked for. */
enum { STRUCTURES_BUDGET = 500 };

/*
 * Explores each structure of the list, with this scenario only or, with NULL, with made-up ones
 * and progress.  Returns the exit status, as session_run() does.
 */
int structures_run(const struct check_structure *const *list, const char *scenario,
                   struct session *session) CHECK_PRIVATE(structures_run);

/* Repeats "STRUCTURE:SCENARIO@MODE@REUSE@CHOICES"; as session_replay(). */
int structures_replay(const struct check_structure *const *list, const char *text,
                      struct session *session) CHECK_PRIVATE(structures_replay);

/*
 * Stops threads in the middle of each operation, and starves them, and prints what its progress is
 * like, or that the session's time was not enough to know; `used`: the seconds of it that are gone.  Returns
 * whether what is known is as declared.  The races that were passed over are added to *races.
 */
bool structure_progress(const struct check_structure *structure, const struct session *session, double used,
                        uint64_t *races) CHECK_PRIVATE(structure_progress);

#endif
