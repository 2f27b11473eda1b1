/*
 * stdio_models.h - functions of stdio.h, and qsort and rand, that read or write memory which threads may share.
 *
 * As in text_models.h: what the function touches is announced as plain accesses, then it is called.  A
 * stream itself is left to the C library, whose lock orders nothing here: printing publishes nothing.
 */
#ifndef CONTEND_BENCH_MACHINE_STDIO_MODELS_H
#define CONTEND_BENCH_MACHINE_STDIO_MODELS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

size_t check_fwrite(const void *from, size_t size, size_t count, FILE *f);
size_t check_fread(void *to, size_t size, size_t count, FILE *f);
char *check_fgets(char *to, int size, FILE *f);
int check_fputs(const char *text, FILE *f);
int check_puts(const char *text);

int check_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int check_fprintf(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
int check_vfprintf(FILE *f, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
int check_vprintf(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

int check_sscanf(const char *text, const char *format, ...) __attribute__((format(scanf, 2, 3)));
int check_fscanf(FILE *f, const char *format, ...) __attribute__((format(scanf, 2, 3)));
int check_scanf(const char *format, ...) __attribute__((format(scanf, 1, 2)));

/* The line is a block of the checker's heap, as if it came from malloc(). */
ssize_t check_getdelim(char **line, size_t *room, int end, FILE *f);
ssize_t check_getline(char **line, size_t *room, FILE *f);

int check_rand(void);
long check_random(void);
void check_srand(unsigned seed);

/* Sorts in place by a heap: the comparison meets elements of the array only, and not a copy. */
void check_qsort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *));
void check_qsort_r(void *array, size_t count, size_t size,
                   int (*compare)(const void *, const void *, void *), void *context);

#endif
