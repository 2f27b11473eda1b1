/* text.c - digits without exponents, sentences in lines. */
#include "bench/base/text.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const char *text_number(double x, int digits, char buffer[TEXT_NUMBER])
{
    if (isnan(x)) {
        snprintf(buffer, TEXT_NUMBER, "-");
        return buffer;
    }
    if (fabs(x) >= 1e15) { /* no run gives such a figure, but a file may */
        snprintf(buffer, TEXT_NUMBER, "%.*g", digits, x);
        return buffer;
    }
    int decimals = digits - 1 - (x > 0 ? (int)floor(log10(x)) : 0);
    snprintf(buffer, TEXT_NUMBER, "%.*f", decimals < 0 ? 0 : decimals > 6 ? 6 : decimals, x);
    return buffer;
}

const char *text_grouped(double x, char buffer[TEXT_NUMBER])
{
    char digits[TEXT_NUMBER];
    int n = snprintf(digits, 24, "%.0f", x), used = 0;

    for (int i = 0; digits[i]; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            buffer[used++] = ',';
        buffer[used++] = digits[i];
    }
    buffer[used] = '\0';
    return buffer;
}

const char *text_count(uint64_t n, const char *one, const char *many, char buffer[TEXT_NUMBER])
{
    size_t used = strlen(text_grouped((double)n, buffer));

    snprintf(buffer + used, TEXT_NUMBER - used, " %s", n == 1 ? one : many);
    return buffer;
}

const char *text_about(double x, char buffer[TEXT_NUMBER])
{
    double unit = x >= 10 ? pow(10, floor(log10(x)) - 1) : 1;

    return x >= 10 ? text_grouped(round(x / unit) * unit, buffer) : text_number(x, 2, buffer);
}

const char *text_duration(double ns, char buffer[TEXT_NUMBER])
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    unsigned unit = 0;

    if (isnan(ns)) {
        snprintf(buffer, TEXT_NUMBER, "-");
        return buffer;
    }
    for (; ns >= 999.5 && unit < 3; unit++)
        ns /= 1000;
    snprintf(buffer, TEXT_NUMBER, ns < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", ns, units[unit]);
    return buffer;
}

char *text_tame(char *text)
{
    for (char *c = text; *c; c++) {
        unsigned char first = (unsigned char)c[0], second = (unsigned char)c[1];
        /* ASCII's controls, and those that UTF-8 writes as C2 80 to C2 9F. */
        if (first < ' ' || first == 0x7f)
            *c = '?';
        else if (first == 0xc2 && second >= 0x80 && second < 0xa0)
            c[0] = c[1] = '?';
    }
    return text;
}

/* The length of the printable UTF-8 character at `text`; 0 if there is none. */
static size_t printable(const unsigned char *text, size_t length)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = text[0];
    size_t bytes = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    uint32_t c = first & (0x7fU >> bytes);

    if (bytes == 1)
        return first >= ' ' && first != 0x7f;
    if (!bytes || bytes > length || first > 0xf4)
        return 0;
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (text[i] & 0x3f);
    }
    /* Overlong forms, half pairs, controls, and what turns the writing direction around. */
    bool bad = c < least[bytes] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c < 0xa0 ||
               (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
               (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
    return bad ? 0 : bytes;
}

char *text_printable(char *out, size_t characters, const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    size_t cut_at = 0, used = 0;

    for (size_t n = 0; at != end; n++) {
        if (n == characters) { /* too long: the last three give way */
            memcpy(out + cut_at, "...", 4);
            return out;
        }
        size_t bytes = printable(at, (size_t)(end - at));
        if (n + 3 == characters)
            cut_at = used;
        if (bytes)
            memcpy(out + used, at, bytes);
        else
            out[used] = '?';
        used += bytes ? bytes : 1;
        at += bytes ? bytes : 1;
    }
    out[used] = '\0';
    return out;
}

/* How much of a sentence is a line of that width: a word that is longer is one of its own. */
static size_t line_of(const char *sentence, size_t width)
{
    size_t take = strlen(sentence);

    if (take > width)
        for (take = width; take > 0 && sentence[take] != ' ';)
            take--;
    return take ? take : strcspn(sentence, " ");
}

/* What of them is printed: without the blanks between this sentence and the next. */
static int shown_of(const char *sentence, size_t take)
{
    while (take > 0 && sentence[take - 1] == ' ')
        take--;
    return (int)take;
}

void text_labelled(FILE *out, const char *label, const char *sentence, int indent, int width)
{
    size_t room = (size_t)(width - indent), take = line_of(sentence, room);

    fprintf(out, "  %-*s%.*s\n", indent - 2, label, shown_of(sentence, take), sentence);
    text_wrapped(out, sentence + take + strspn(sentence + take, " "), indent, (int)room);
}

void text_hanging(FILE *out, const char *sentence, int indent, int width)
{
    size_t take = line_of(sentence, (size_t)width);

    fprintf(out, "%.*s\n", shown_of(sentence, take), sentence);
    text_wrapped(out, sentence + take + strspn(sentence + take, " "), indent, width - indent);
}

void text_wrapped(FILE *out, const char *sentence, int indent, int width)
{
    while (*sentence) {
        size_t take = line_of(sentence, (size_t)width);
        fprintf(out, "%*s%.*s\n", indent, "", shown_of(sentence, take), sentence);
        sentence += take;
        sentence += strspn(sentence, " ");
    }
}
