/*
 * output.h - the files that options name: tried before the work, written after it.
 */
#ifndef CONTEND_BENCH_REPORT_OUTPUT_H
#define CONTEND_BENCH_REPORT_OUTPUT_H

struct output {
    const char *option; /* "json" */
    const char *path;   /* NULL = not asked for */
};

/*
 * Whether all of them can be written, as far as that can be known before; nothing is left
 * behind.  A NULL option ends the list.  Returns 0, or a negative errno value after a message.
 */
int output_try(const struct output *outputs);

/* Writes `text`; NULL means that memory ran out.  Returns 0, or an error after a message. */
int output_save(const char *option, const char *path, const char *text);

#endif
