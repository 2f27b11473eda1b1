/* loops.h - emits the table of a cache; see locks/parts/emit.h. */
#define CONTEND_OBJECT cache
#define CONTEND_FOLDER "bench/serve/cache/"
#define EMIT_OPERATIONS CACHE_OPERATIONS
#include "locks/parts/emit.h"

EMIT_TABLE({ NULL })
