/* search_models.c - functions of string.h that look for characters or compare without case: see text_models.h. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "bench/machine/machine.h"
#include "bench/machine/text_models.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

/* Up to the first characters that differ, or the end. */
static int compare(const char *one, const char *other, size_t most, const void *pc)
{
    size_t same = 0;

    while (same < most && one[same] && tolower((unsigned char)one[same]) == tolower((unsigned char)other[same]))
        same++;
    touches_read(one, same < most ? same + 1 : most, pc);
    touches_read(other, same < most ? same + 1 : most, pc);
    return strncasecmp(one, other, most);
}

int check_strcasecmp(const char *one, const char *other)
{
    return compare(one, other, SIZE_MAX, PC);
}

int check_strncasecmp(const char *one, const char *other, size_t most)
{
    return compare(one, other, most, PC);
}

char *check_strcasestr(const char *text, const char *wanted)
{
    touches_text(text, SIZE_MAX, PC);
    touches_text(wanted, SIZE_MAX, PC);
    return strcasestr(text, wanted);
}

/* How many characters at the beginning are in the set, or are not. */
static size_t span(const char *text, const char *set, bool in_it, const void *pc)
{
    size_t length = in_it ? strspn(text, set) : strcspn(text, set);

    touches_text(set, SIZE_MAX, pc);
    touches_read(text, length + 1, pc);
    return length;
}

size_t check_strspn(const char *text, const char *set)
{
    return span(text, set, true, PC);
}

size_t check_strcspn(const char *text, const char *set)
{
    return span(text, set, false, PC);
}

char *check_strpbrk(const char *text, const char *set)
{
    const char *found = text + span(text, set, false, PC);

    return *found ? (char *)(uintptr_t)found : NULL;
}

/* Ends the word at `text`; returns where the next one begins, or NULL. */
static char *cut(char *text, const char *set, const void *pc)
{
    char *end = text + span(text, set, false, pc);

    if (!*end)
        return NULL;
    touches_write(end, 1, pc);
    *end = '\0';
    return end + 1;
}

char *check_strsep(char **text, const char *set)
{
    touches_read(text, sizeof *text, PC);
    char *word = *text;
    if (!word)
        return NULL;
    char *rest = cut(word, set, PC);
    touches_write(text, sizeof *text, PC);
    *text = rest;
    return word;
}

static char *next_word(char *text, const char *set, char **rest, const void *pc)
{
    if (!text) {
        touches_read(rest, sizeof *rest, pc);
        text = *rest;
    }
    if (text)
        text += span(text, set, true, pc);
    char *after = text && *text ? cut(text, set, pc) : NULL;
    touches_write(rest, sizeof *rest, pc);
    *rest = after;
    return text && *text ? text : NULL;
}

char *check_strtok_r(char *text, const char *set, char **rest)
{
    return next_word(text, set, rest, PC);
}

/* All threads share one place, and race for it if they do not take turns. */
char *check_strtok(char *text, const char *set)
{
    static char *place_of_strtok;

    return next_word(text, set, &place_of_strtok, PC);
}
