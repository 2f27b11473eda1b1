/*
 * environment_models.c - the environment, which each execution finds as the program was given it; and what else the C
 * library tells: see library_models.h.
 *
 * The library keeps the environment in memory of its own, so one place stands for all of it: to change any of it
 * beside a getenv() is a race.
 */
#include <errno.h>
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/machine/library_models.h"
#include "bench/machine/machine.h"

static char the_environment;

static struct {
    char **first, **now; /* as it was given, and a copy of that which the library may change */
    size_t size;
    uint64_t execution;
    bool changed;
} kept;

static void put_back(void)
{
    if (!machine->execution || machine->execution() == kept.execution)
        return;
    kept.execution = machine->execution();
    if (!kept.changed)
        return;
    kept.changed = false;
    memcpy(kept.now, kept.first, kept.size);
    environ = kept.now;
}

static void keep(void)
{
    size_t count = 0;

    kept.changed = true;
    if (kept.first || !environ)
        return;
    while (environ[count])
        count++;
    kept.size = (count + 1) * sizeof *environ;
    kept.first = malloc(kept.size);
    kept.now = malloc(kept.size);
    if (!kept.first || !kept.now)
        abort();
    memcpy(kept.first, environ, kept.size);
}

static void looks_up(const char *name, const void *pc)
{
    put_back();
    touches_text(name, SIZE_MAX, pc);
    touches_read(&the_environment, 1, pc);
}

static void changes(const void *pc)
{
    put_back();
    keep();
    touches_write(&the_environment, 1, pc);
}

MODELLED(char *, getenv, (const char *name), (name), looks_up(name, pc))
MODELLED(char *, secure_getenv, (const char *name), (name), looks_up(name, pc))
MODELLED(int, setenv, (const char *name, const char *value, int anew), (name, value, anew),
         (TEXT(name), TEXT(value), changes(pc)))
MODELLED(int, unsetenv, (const char *name), (name), (TEXT(name), changes(pc)))
MODELLED(int, putenv, (char *entry), (entry), (TEXT(entry), changes(pc)))
MODELLED(int, clearenv, (void), (), changes(pc))

/* ---- errors ---- */

MODEL_OF(void, perror, (const char *text))
{
    int error = errno;

    if (text)
        touches_text(text, SIZE_MAX, __builtin_return_address(0));
    errno = error;
    perror(text);
}

/* The GNU form, which may leave its answer in the program's memory: here it always does. */
MODEL_OF(char *, strerror_r, (int error, char *to, size_t size))
{
    const void *const pc = __builtin_return_address(0);
    char kept_text[64];
    const char *text = strerror_r(error, kept_text, sizeof kept_text);
    size_t length = strlen(text);

    if (size == 0)
        return to;
    if (length >= size)
        length = size - 1;
    WRITES(to, length + 1);
    memcpy(to, text, length);
    to[length] = '\0';
    return to;
}

/* That of the standard, by the name that the linker knows. */
int __xpg_strerror_r(int error, char *to, size_t size);

MODEL_OF(int, xpg_strerror_r, (int error, char *to, size_t size))
{
    const void *const pc = __builtin_return_address(0);
    char text[128];
    int failed = __xpg_strerror_r(error, text, size < sizeof text ? size : sizeof text);

    if (size == 0)
        return failed;
    WRITES(to, strlen(text) + 1);
    memcpy(to, text, strlen(text) + 1);
    return failed;
}

/* ---- bytes and tables ---- */

MODEL_OF(void, swab, (const void *from, void *to, ssize_t size))
{
    const void *const pc = __builtin_return_address(0);
    size_t even = size > 0 ? (size_t)size & ~(size_t)1 : 0;

    READS(from, even);
    WRITES(to, even);
    swab(from, to, size);
}

MODELLED(int, gethostname, (char *to, size_t size), (to, size), WRITES(to, size))
MODELLED(int, getentropy, (void *to, size_t size), (to, size), WRITES(to, size))

MODEL_OF(void *, lsearch, (const void *key, void *table, size_t *count, size_t size,
                           int (*compare)(const void *, const void *)))
{
    const void *const pc = __builtin_return_address(0);

    READS(count, sizeof *count);
    char *found = lfind(key, table, count, size, compare);
    if (found)
        return found;
    found = (char *)table + *count * size;
    READS(key, size);
    WRITES(found, size);
    memcpy(found, key, size);
    WRITES(count, sizeof *count);
    ++*count;
    return found;
}
