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
void *check_mempcpy(void *to, const void *from, size_t size);
void *check_memccpy(void *to, const void *from, int last, size_t size);
void *check_memmove(void *to, const void *from, size_t size);
void *check_memset(void *to, int byte, size_t size);
int check_memcmp(const void *one, const void *other, size_t size);
void *check_memchr(const void *in, int byte, size_t size);
void *check_memrchr(const void *in, int byte, size_t size);
void *check_memmem(const void *in, size_t size, const void *wanted, size_t wanted_size);
void *check_rawmemchr(const void *in, int byte);
void check_bcopy(const void *from, void *to, size_t size);
void check_bzero(void *to, size_t size);
void check_explicit_bzero(void *to, size_t size);
int check_bcmp(const void *one, const void *other, size_t size);

size_t check_strlen(const char *text);
size_t check_strnlen(const char *text, size_t most);
int check_strcmp(const char *one, const char *other);
int check_strncmp(const char *one, const char *other, size_t most);
int check_strcoll(const char *one, const char *other);
int check_strverscmp(const char *one, const char *other);
size_t check_strxfrm(char *to, const char *from, size_t size);
char *check_strchr(const char *text, int c);
char *check_strchrnul(const char *text, int c);
char *check_strrchr(const char *text, int c);
char *check_strstr(const char *text, const char *wanted);
char *check_strcpy(char *to, const char *from);
char *check_stpcpy(char *to, const char *from);
char *check_stpncpy(char *to, const char *from, size_t size);
char *check_strncpy(char *to, const char *from, size_t size);
char *check_strcat(char *to, const char *from);
char *check_strncat(char *to, const char *from, size_t most);

/* number_models.c */
long check_strtol(const char *text, char **end, int base);
unsigned long check_strtoul(const char *text, char **end, int base);
long long check_strtoll(const char *text, char **end, int base);
unsigned long long check_strtoull(const char *text, char **end, int base);
double check_strtod(const char *text, char **end);
float check_strtof(const char *text, char **end);
long double check_strtold(const char *text, char **end);
int check_atoi(const char *text);
long check_atol(const char *text);
long long check_atoll(const char *text);
double check_atof(const char *text);

/* search_models.c */
int check_strcasecmp(const char *one, const char *other);
int check_strncasecmp(const char *one, const char *other, size_t most);
char *check_strcasestr(const char *text, const char *wanted);
size_t check_strspn(const char *text, const char *set);
size_t check_strcspn(const char *text, const char *set);
char *check_strpbrk(const char *text, const char *set);
char *check_strsep(char **text, const char *set);
char *check_strtok(char *text, const char *set);
char *check_strtok_r(char *text, const char *set, char **rest);

/* The copies are blocks of the checker's heap, as if they came from malloc(). */
char *check_strdup(const char *text);
char *check_strndup(const char *text, size_t most);
int check_asprintf(char **made, const char *format, ...) __attribute__((format(printf, 2, 3)));
int check_vasprintf(char **made, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

int check_sprintf(char *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
int check_vsprintf(char *to, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int check_snprintf(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int check_vsnprintf(char *to, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
