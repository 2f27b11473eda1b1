/* entries.c - see entries.h: in a file of its own, so that a program can take its place. */
#include "counters/claps.h"
#include "counters/counter.h"
#include "counters/distinct.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"
#include "tests/support/entries.h"

#define AT(OBJECT)                                                                            \
    const struct OBJECT##_ops *support_##OBJECT##_at(size_t index)                            \
    {                                                                                         \
        return contend_##OBJECT##_registry[index];                                            \
    }

AT(lock)
AT(counter)
AT(claps)
AT(distinct)
AT(presence)
