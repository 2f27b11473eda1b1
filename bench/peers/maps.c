/* maps.c - the peers that this build has. */
#include "bench/peers/peers.h"

#include <string.h>

#include "bench/peers/list.h"

static const struct presence_ops *const all[] = {
#ifdef CONTEND_HAS_LIBCUCKOO
    &peer_libcuckoo,
#endif
#ifdef CONTEND_HAS_TBB
    &peer_tbb_hash_map,
    &peer_tbb_unordered,
#endif
    NULL,
};

static const struct contend_missing missing[] = {
#ifndef CONTEND_HAS_LIBCUCKOO
    { "libcuckoo", "built without libcuckoo (Debian: libcuckoo-dev)" },
#endif
#ifndef CONTEND_HAS_TBB
    { "tbb_hash_map", "built without TBB (Debian: libtbb-dev)" },
    { "tbb_unordered", "built without TBB (Debian: libtbb-dev)" },
#endif
    { NULL, NULL },
};

const struct contend_missing *const peers_missing = missing;

const void *peers_at(const struct family *family, size_t index)
{
    return family == &family_presence && index < sizeof all / sizeof *all ? all[index] : NULL;
}

const void *peers_find(const struct family *family, const char *name)
{
    const void *ops;
    size_t i = 0;

    while ((ops = peers_at(family, i++)) != NULL && strcmp(family->identity(ops)->name, name) != 0)
        continue;
    return ops;
}
