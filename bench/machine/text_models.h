/*
 * text_models.h - functions of the C library that read or write memory which threads may share.
 *
 * The library itself is not instrumented.  So each model announces as plain accesses what the
 * function touches, and then calls it.
 */
#ifndef CONTEND_BENCH_MACHINE_TEXT_MODELS_H
#define CONTEND_BENCH_MACHINE_TEXT_MODELS_H

#include <stdarg.h>
#include <stddef.h>

void *check_memcpy(void *to, const void *from, size_t size);
void *check_memmove(void *to, const void *from, size_t size);
void *check_memset(void *to, int byte, size_t size);
int check_memcmp(const void *one, const void *other, size_t size);
void *check_memchr(const void *in, int byte, size_t size);

size_t check_strlen(const char *text);
size_t check_strnlen(const char *text, size_t most);
int check_strcmp(const char *one, const char *other);
int check_strncmp(const char *one, const char *other, size_t most);
char *check_strchr(const char *text, int c);
char *check_strrchr(const char *text, int c);
char *check_strstr(const char *text, const char *wanted);
char *check_strcpy(char *to, const char *from);
char *check_strncpy(char *to, const char *from, size_t size);
char *check_strcat(char *to, const char *from);
char *check_strncat(char *to, const char *from, size_t most);

/* The copies are blocks of the checker's heap, as if they came from malloc(). */
char *check_strdup(const char *text);
char *check_strndup(const char *text, size_t most);
int check_asprintf(char **made, const char *format, ...) __attribute__((format(printf, 2, 3)));
int check_vasprintf(char **made, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

int check_sprintf(char *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
int check_snprintf(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int check_vsnprintf(char *to, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
