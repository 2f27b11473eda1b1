/* catalog.c - finds the folder of the course and reads its pages. */
#include "bench/course/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/nearest.h"
#include "bench/base/shortage.h"

enum { PATH_SIZE = 4096 };

const char *catalog_folder(char path[PATH_SIZE])
{
    static const char *const built[] = { COURSE_SOURCE, COURSE_INSTALLED };
    ssize_t length = readlink("/proc/self/exe", path, PATH_SIZE - 64);
    char *slash = length > 0 ? memrchr(path, '/', (size_t)length) : NULL;

    if (slash) {
        snprintf(slash, (size_t)(path + PATH_SIZE - slash), "/../share/contend/course");
        if (access(path, R_OK) == 0)
            return path;
    }
    return access(built[0], R_OK) == 0 ? built[0] : built[1];
}

/* "07-publication.md": the number and the name of a lab; whether it is one. */
static bool is_lab(const char *file, struct lab *lab)
{
    char *end;
    unsigned long number = strtoul(file, &end, 10);
    const char *dot = strrchr(file, '.');

    if (end != file + 2 || *end != '-' || !dot || strcmp(dot, ".md") != 0 ||
        dot - end - 1 >= CATALOG_NAME)
        return false;
    lab->number = (unsigned)number;
    snprintf(lab->name, sizeof lab->name, "%.*s", (int)(dot - end - 1), end + 1);
    return true;
}

static int read_page(struct lab *lab, const char *folder, const char *file)
{
    char why[160];
    size_t size = strlen(folder) + strlen(file) + 2;

    lab->path = malloc(size);
    if (!lab->path)
        return -ENOMEM;
    snprintf(lab->path, size, "%s/%s", folder, file);
    FILE *in = fopen(lab->path, "re");
    if (!in) {
        int error = -errno;
        arguments_error("%s: %s", lab->path, strerror(errno));
        return error;
    }
    int error = page_read(&lab->page, in, why, sizeof why);
    fclose(in);
    if (error == -EINVAL)
        arguments_error("%s, %s", lab->path, why);
    return error;
}

static int by_number(const void *a, const void *b)
{
    const struct lab *left = a, *right = b;

    return (left->number > right->number) - (left->number < right->number);
}

static int read_folder(struct catalog *c, DIR *dir, const char *folder)
{
    int error = 0;

    for (struct dirent *entry; !error && (entry = readdir(dir)) != NULL;) {
        struct lab lab = { .number = 0 };
        if (!is_lab(entry->d_name, &lab))
            continue;
        if (c->count == CATALOG_LABS)
            return arguments_error("%s: more than %d labs", folder, CATALOG_LABS);
        error = read_page(&lab, folder, entry->d_name);
        c->labs[c->count++] = lab;
    }
    qsort(c->labs, c->count, sizeof *c->labs, by_number);
    return error;
}

int catalog_open(struct catalog *c, const char *folder)
{
    char path[PATH_SIZE];

    c->count = 0;
    folder = folder ? folder : catalog_folder(path);
    DIR *dir = opendir(folder);
    if (!dir) {
        int error = -errno;
        arguments_error("the course is not there: %s: %s", folder, strerror(errno));
        return error;
    }
    int error = read_folder(c, dir, folder);
    closedir(dir);
    if (!error && c->count == 0)
        error = arguments_error("%s: no lab in it: their files are called NN-name.md", folder);
    if (error == -ENOMEM)
        shortage_fail(-ENOMEM);
    if (error)
        catalog_close(c);
    return error;
}

void catalog_close(struct catalog *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        page_free(&c->labs[i].page);
        free(c->labs[i].path);
    }
    c->count = 0;
}

const struct lab *catalog_find(const struct catalog *c, const char *name)
{
    struct nearest near = { .wanted = name };
    char hint[NEAREST_HINT], *end;
    unsigned long number = strtoul(name, &end, 10);

    for (unsigned i = 0; i < c->count; i++) {
        if (strcmp(c->labs[i].name, name) == 0 || (end != name && !*end && c->labs[i].number == number))
            return &c->labs[i];
        nearest_offer(&near, c->labs[i].name);
    }
    arguments_error("there is no lab '%s', see contend lab%s", name, nearest_hint(&near, "", hint));
    return NULL;
}
