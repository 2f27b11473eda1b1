/* copies.c - the registries of both copies, whose symbols end in the copy's level. */
#include "bench/check/copies.h"

#include "counters/claps.h"
#include "counters/counter.h"
#include "counters/distinct.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

#define REGISTRY(OBJECT, LEVEL)                                                               \
    extern const struct OBJECT##_ops *const *const contend_##OBJECT##_registry_##LEVEL;       \
    extern const struct contend_missing *const contend_##OBJECT##_missing_##LEVEL;            \
    static const void *OBJECT##_at_##LEVEL(size_t index)                                      \
    {                                                                                         \
        return contend_##OBJECT##_registry_##LEVEL[index];                                    \
    }
#define REGISTRY_o2(OBJECT) REGISTRY(OBJECT, o2)
#define REGISTRY_o0(OBJECT) REGISTRY(OBJECT, o0)
FAMILY_EACH(REGISTRY_o2)
FAMILY_EACH(REGISTRY_o0)

#define AT_o2(OBJECT) [FAMILY_##OBJECT] = OBJECT##_at_o2,
#define AT_o0(OBJECT) [FAMILY_##OBJECT] = OBJECT##_at_o0,
#define BOXES_o2(OBJECT) [FAMILY_##OBJECT] = &contend_##OBJECT##_missing_o2,
#define BOXES_o0(OBJECT) [FAMILY_##OBJECT] = &contend_##OBJECT##_missing_o0,

const struct check_copy check_copies[] = {
    { "o2", { FAMILY_EACH(AT_o2) }, { FAMILY_EACH(BOXES_o2) } },
    { "o0", { FAMILY_EACH(AT_o0) }, { FAMILY_EACH(BOXES_o0) } },
    { .level = NULL },
};
