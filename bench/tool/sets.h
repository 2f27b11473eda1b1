/*
 * sets.h - "--set striped.stripes=1,4" of `run`, `replay` and `check`.
 */
#ifndef CONTEND_BENCH_TOOL_SETS_H
#define CONTEND_BENCH_TOOL_SETS_H

#include <stdint.h>

#include "bench/base/entries.h"

/*
 * Reads NAME.OPTION=VALUE,... and calls `each` with every value for each strategy of these
 * families (a set of family_bit()) that the name means and that has the option.  `so`
 * is as for entry_check().  0, -EINVAL: it has been said, -ENOMEM, or what `each` answered.
 */
int sets_read(const char *text, unsigned set, const char *so,
              int (*each)(void *context, const struct entry *e, struct contend_setting setting),
              void *context);

#endif
