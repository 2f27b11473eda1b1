/*
 * output.h - the files that options name: tried before the work, written after it.
 *
 * A regular file is written beside its place and renamed, so that a reader never sees half of it
 * and a failure leaves the old one; links are followed, and its mode and owner stay.  What has no
 * place (a device, a pipe), has several (hard links), or lies in a folder that cannot be changed
 * is written where it is.  "-" is standard output, under whatever name; then everything else that
 * would go there goes to standard error.
 */
#ifndef CONTEND_BENCH_REPORT_OUTPUT_H
#define CONTEND_BENCH_REPORT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output {
    const char *option; /* "json" */
    const char *path;   /* NULL = not asked for */
};

/*
 * Whether all of them can be written, as far as that can be known before; nothing is left
 * behind.  A NULL option ends the list.  Refuses to overwrite one of the inputs, another output,
 * or a file that standard output goes to.  Returns 0, or after a message -EINVAL (refused) or
 * another negative errno value.
 */
int output_try(const struct output *outputs, const char *const *inputs, size_t input_count);

/* Whether it may be written again and again: a regular file, or one that is not there yet. */
bool output_is_replaced(const char *path);

/* 0 or a negative errno value. */
int output_write(const char *path, const char *text);

/* The same; NULL means that memory ran out.  Returns 0, or an error after a message. */
int output_save(const char *option, const char *path, const char *text);

/*
 * To be called last: the exit status, which is 1 in place of 0 after a message if what was
 * printed has not arrived.  A reader who went away early is none of our business.
 */
int output_end(int status);

#endif
