/* wide_models.c - functions of wchar.h that read or write memory which threads may share: see library_models.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "bench/machine/library_models.h"
#include "bench/machine/machine.h"

enum { WIDE = sizeof(wchar_t) };

/* A text and its end, or `most` characters if there is none among them.  Returns the length. */
static size_t reads(const wchar_t *text, size_t most, const void *pc)
{
    size_t length = most == SIZE_MAX ? wcslen(text) : wcsnlen(text, most);

    touches_read(text, (length < most ? length + 1 : most) * WIDE, pc);
    return length;
}

/* And one is copied, with its end. */
static void copies(wchar_t *to, const wchar_t *from, size_t most, const void *pc)
{
    touches_write(to, (reads(from, most, pc) + 1) * WIDE, pc);
}

static void appends(wchar_t *to, const wchar_t *from, size_t most, const void *pc)
{
    copies(to + reads(to, SIZE_MAX, pc), from, most, pc);
}

#define WIDE_TEXT(text) reads(text, SIZE_MAX, pc)

/* ---- characters ---- */

MODELLED(wchar_t *, wmemcpy, (wchar_t *to, const wchar_t *from, size_t n), (to, from, n),
         (READS(from, n * WIDE), WRITES(to, n * WIDE)))
MODELLED(wchar_t *, wmempcpy, (wchar_t *to, const wchar_t *from, size_t n), (to, from, n),
         (READS(from, n * WIDE), WRITES(to, n * WIDE)))
MODELLED(wchar_t *, wmemmove, (wchar_t *to, const wchar_t *from, size_t n), (to, from, n),
         (READS(from, n * WIDE), WRITES(to, n * WIDE)))
MODELLED(wchar_t *, wmemset, (wchar_t *to, wchar_t c, size_t n), (to, c, n), WRITES(to, n * WIDE))
MODELLED(int, wmemcmp, (const wchar_t *one, const wchar_t *other, size_t n), (one, other, n),
         (READS(one, n * WIDE), READS(other, n * WIDE)))
MODELLED(wchar_t *, wmemchr, (const wchar_t *in, wchar_t c, size_t n), (in, c, n), READS(in, n * WIDE))

/* ---- texts ---- */

MODELLED(size_t, wcslen, (const wchar_t *text), (text), WIDE_TEXT(text))
MODELLED(size_t, wcsnlen, (const wchar_t *text, size_t most), (text, most), reads(text, most, pc))
MODELLED(wchar_t *, wcscpy, (wchar_t *to, const wchar_t *from), (to, from), copies(to, from, SIZE_MAX, pc))
MODELLED(wchar_t *, wcpcpy, (wchar_t *to, const wchar_t *from), (to, from), copies(to, from, SIZE_MAX, pc))
MODELLED(wchar_t *, wcsncpy, (wchar_t *to, const wchar_t *from, size_t n), (to, from, n),
         (reads(from, n, pc), WRITES(to, n * WIDE)))
MODELLED(wchar_t *, wcpncpy, (wchar_t *to, const wchar_t *from, size_t n), (to, from, n),
         (reads(from, n, pc), WRITES(to, n * WIDE)))
MODELLED(wchar_t *, wcscat, (wchar_t *to, const wchar_t *from), (to, from), appends(to, from, SIZE_MAX, pc))
MODELLED(wchar_t *, wcsncat, (wchar_t *to, const wchar_t *from, size_t n), (to, from, n), appends(to, from, n, pc))
MODELLED(int, wcscmp, (const wchar_t *one, const wchar_t *other), (one, other), (WIDE_TEXT(one), WIDE_TEXT(other)))
MODELLED(int, wcsncmp, (const wchar_t *one, const wchar_t *other, size_t n), (one, other, n),
         (reads(one, n, pc), reads(other, n, pc)))
MODELLED(int, wcscasecmp, (const wchar_t *one, const wchar_t *other), (one, other), (WIDE_TEXT(one), WIDE_TEXT(other)))
MODELLED(int, wcsncasecmp, (const wchar_t *one, const wchar_t *other, size_t n), (one, other, n),
         (reads(one, n, pc), reads(other, n, pc)))
MODELLED(int, wcscoll, (const wchar_t *one, const wchar_t *other), (one, other), (WIDE_TEXT(one), WIDE_TEXT(other)))
MODELLED(wchar_t *, wcschr, (const wchar_t *text, wchar_t c), (text, c), WIDE_TEXT(text))
MODELLED(wchar_t *, wcsrchr, (const wchar_t *text, wchar_t c), (text, c), WIDE_TEXT(text))
MODELLED(wchar_t *, wcschrnul, (const wchar_t *text, wchar_t c), (text, c), WIDE_TEXT(text))
MODELLED(wchar_t *, wcsstr, (const wchar_t *text, const wchar_t *wanted), (text, wanted),
         (WIDE_TEXT(text), WIDE_TEXT(wanted)))
MODELLED(size_t, wcsspn, (const wchar_t *text, const wchar_t *set), (text, set), (WIDE_TEXT(text), WIDE_TEXT(set)))
MODELLED(size_t, wcscspn, (const wchar_t *text, const wchar_t *set), (text, set), (WIDE_TEXT(text), WIDE_TEXT(set)))
MODELLED(wchar_t *, wcspbrk, (const wchar_t *text, const wchar_t *set), (text, set), (WIDE_TEXT(text), WIDE_TEXT(set)))

/* The copy is a block of the checker's heap. */
MODEL_OF(wchar_t *, wcsdup, (const wchar_t *text))
{
    const void *const pc = __builtin_return_address(0);
    size_t size = (WIDE_TEXT(text) + 1) * WIDE;
    wchar_t *made = machine->allocate(size, 16, false, pc);

    if (!made)
        return NULL;
    WRITES(made, size);
    return memcpy(made, text, size);
}

/* ---- other forms ---- */

/* How many are written of `length` and their end. */
static size_t written(size_t length, size_t most)
{
    return length == (size_t)-1 ? 0 : length < most ? length + 1 : most;
}

MODELLED(size_t, mbstowcs, (wchar_t *to, const char *from, size_t n), (to, from, n),
         (TEXT(from), to ? WRITES(to, written(mbstowcs(NULL, from, 0), n) * WIDE) : (void)0))
MODELLED(size_t, wcstombs, (char *to, const wchar_t *from, size_t n), (to, from, n),
         (WIDE_TEXT(from), to ? WRITES(to, written(wcstombs(NULL, from, 0), n)) : (void)0))

/* What was read to find that the number ends there. */
static void reads_number(const wchar_t *text, const wchar_t *end, wchar_t **keep_end, const void *pc)
{
    touches_read(text, (size_t)(end - text + 1) * WIDE, pc);
    if (keep_end)
        touches_write(keep_end, sizeof *keep_end, pc);
}

#define WIDE_INTEGER(type, name)                                                              \
    MODEL_OF(type, name, (const wchar_t *text, wchar_t **end, int base))                      \
    {                                                                                         \
        wchar_t *here;                                                                        \
        type number = name(text, &here, base);                                                \
        reads_number(text, here, end, __builtin_return_address(0));                           \
        if (end)                                                                              \
            *end = here;                                                                      \
        return number;                                                                        \
    }
#define WIDE_FRACTION(type, name)                                                             \
    MODEL_OF(type, name, (const wchar_t *text, wchar_t **end))                                \
    {                                                                                         \
        wchar_t *here;                                                                        \
        type number = name(text, &here);                                                      \
        reads_number(text, here, end, __builtin_return_address(0));                           \
        if (end)                                                                              \
            *end = here;                                                                      \
        return number;                                                                        \
    }

WIDE_INTEGER(long, wcstol)
WIDE_INTEGER(unsigned long, wcstoul)
WIDE_INTEGER(long long, wcstoll)
WIDE_INTEGER(unsigned long long, wcstoull)
WIDE_FRACTION(double, wcstod)
WIDE_FRACTION(float, wcstof)
WIDE_FRACTION(long double, wcstold)
