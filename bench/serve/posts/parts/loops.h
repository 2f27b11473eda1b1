/* loops.h - emits the table of a way to keep posts; see locks/parts/emit.h. */
#define CONTEND_OBJECT posts
#define CONTEND_FOLDER "bench/serve/posts/"
#define EMIT_OPERATIONS POSTS_OPERATIONS
#include "locks/parts/emit.h"

EMIT_TABLE({ NULL })
