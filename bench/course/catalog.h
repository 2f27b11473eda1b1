/*
 * catalog.h - which labs there are: the pages of the course, by number.
 */
#ifndef CONTEND_BENCH_COURSE_CATALOG_H
#define CONTEND_BENCH_COURSE_CATALOG_H

#include "bench/course/page.h"

enum { CATALOG_LABS = 64, CATALOG_NAME = 48 };

struct lab {
    unsigned number;
    char name[CATALOG_NAME]; /* "lost-clap" */
    char *path;
    struct page page;
};

struct catalog {
    struct lab labs[CATALOG_LABS]; /* by number */
    unsigned count;
};

/*
 * Reads every page NN-name.md of a folder; NULL: of the course that was installed with this program,
 * or else of its source.  0, or a negative errno value after a message.
 */
int catalog_open(struct catalog *c, const char *folder);
void catalog_close(struct catalog *c);

/*
 * The folder of the course, with the homework in it: beside this program where it was installed, else
 * that of its source.  `path` has 4,096 bytes, and may be what is returned.
 */
const char *catalog_folder(char path[4096]);

/* By name or by number; NULL after a message that says which name may have been meant. */
const struct lab *catalog_find(const struct catalog *c, const char *name);

#endif
