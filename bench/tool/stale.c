/* stale.c - see stale.h. */
#include "bench/tool/stale.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bench/tool/headers.h"

static bool is_newer(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec ? a->st_mtim.tv_sec > b->st_mtim.tv_sec
                                                  : a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

bool stale_source(const char *header, const char *choices, char *which, size_t size)
{
    char *root = headers_root(NULL);
    struct stat program, source;
    struct headers h;
    bool stale = false;

    if (!root || stat("/proc/self/exe", &program) != 0 ||
        headers_needed(&h, root, header, choices) != 0) {
        free(root);
        return false;
    }
    for (unsigned i = 0; i < h.count && !stale; i++) {
        char *path = headers_path(root, h.names[i]);
        stale = stat(path, &source) == 0 && is_newer(&source, &program);
        if (stale)
            snprintf(which, size, "%s", h.names[i]);
        free(path);
    }
    headers_free(&h);
    free(root);
    return stale;
}
