/*
 * names.h - what things are called in an explanation: memory, values and code.
 *
 * The end of state.h, which includes it.
 */
#ifndef CONTEND_BENCH_CHECK_NAMES_H
#define CONTEND_BENCH_CHECK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

struct block;
struct event;
struct form;

/* names.c: return false where no name is known */
void names_reset(void) CHECK_PRIVATE(names_reset);
void names_learn(struct event *e) CHECK_PRIVATE(names_learn);
/* The running thread reaches the memory of this event. */
void names_meet(struct event *e) CHECK_PRIVATE(names_meet);
bool names_describe(const void *at, char *text, size_t size) CHECK_PRIVATE(names_describe);
/* The same of what an access has reached, and how its values are shown: as any other, if no name is known. */
bool names_describe_access(const struct event *e, char *text, size_t size, struct form *form)
    CHECK_PRIVATE(names_describe_access);
bool names_describe_pointer(const void *to, char *text, size_t size)
    CHECK_PRIVATE(names_describe_pointer);
/* "map.slots+64" behind the end of that block. */
bool names_describe_beyond(const struct block *b, const void *at, char *text, size_t size)
    CHECK_PRIVATE(names_describe_beyond);

/* rows.c: numbers of 32 bits in decimal, pointers by name, the rest in hexadecimal */
void value_text(uint64_t value, char *text, size_t size) CHECK_PRIVATE(value_text);

/* source.c: "file.h:12" of code, "name+8" of a static object; or an address */
void source_symbol(const void *at, char *text, size_t size) CHECK_PRIVATE(source_symbol);
/* Where the static object begins that holds this address, and its name and size; or NULL. */
const void *source_object(const void *at, char *name, size_t name_size, size_t *size)
    CHECK_PRIVATE(source_object);
void source_line(const void *pc, char *text, size_t size) CHECK_PRIVATE(source_line);
/* The same of a file, "../x/file.h", and a line: one that is too long loses the beginning of its name. */
void source_text(const char *file, int line, char *text, size_t size) CHECK_PRIVATE(source_text);
/* The same of a thread-local one, by its place among those of a thread; false if it is not known. */
bool source_thread_local(size_t place, char *name, size_t name_size, size_t *start, size_t *size)
    CHECK_PRIVATE(source_thread_local);
/* The line of code, and the file as a path that can be opened; 0 where it is not known. */
unsigned source_place(const void *pc, char *path, size_t size) CHECK_PRIVATE(source_place);

#endif
