/* shape.c - reads the sentences of a shape, and looks whether one holds. */
#include "bench/course/shape.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

/* What follows `word` in the text, or NULL. */
static const char *after(const char *text, const char *word)
{
    size_t length = strlen(word);

    return strncmp(text, word, length) == 0 ? text + length : NULL;
}

/* "1.5 x FIGURE", "FIGURE", or "1.5". */
static bool parse_side(struct claim_side *side, const char *begin, size_t length)
{
    char text[SHAPE_TEXT], *end, *rest = text;

    snprintf(text, sizeof text, "%.*s", (int)length, begin);
    rest += strspn(rest, " ");
    *side = (struct claim_side){ .factor = strtod(rest, &end) };
    if (end == rest) {
        side->factor = 1;
    } else {
        end += strspn(end, " ");
        if (!*end)
            return true;
        if (strncmp(end, "x ", 2) != 0)
            return false;
        rest = end + 2;
    }
    side->is_figure = true;
    return figure_parse(&side->figure, rest);
}

static bool parse_comparison(struct claim *c)
{
    const char *sign = strstr(c->text, " > ");

    c->kind = sign ? CLAIM_MORE : CLAIM_LESS;
    sign = sign ? sign : strstr(c->text, " < ");
    return sign && parse_side(&c->left, c->text, (size_t)(sign - c->text)) &&
           parse_side(&c->right, sign + 3, strlen(sign + 3)) &&
           (c->left.is_figure || c->right.is_figure);
}

/* Copies with every run of blanks and line ends as one blank.  How long it would be. */
static size_t squeeze(char *to, size_t size, const char *from)
{
    size_t used = 0;

    for (; *from; from++) {
        bool blank = isspace((unsigned char)*from), again = used > 0 && to[used - 1] == ' ';
        if (used + 1 < size && !(blank && again))
            to[used++] = blank ? ' ' : *from;
    }
    to[used] = '\0';
    return used;
}

/* "TEXT" behind prints. */
static bool parse_quoted(struct claim *c, const char *text)
{
    size_t length = strlen(text);
    char inner[SHAPE_TEXT];

    if (length < 3 || text[0] != '"' || text[length - 1] != '"')
        return false;
    snprintf(inner, sizeof inner, "%.*s", (int)(length - 2), text + 1);
    return squeeze(c->printed, sizeof c->printed, inner) > 0;
}

static bool parse_claim(struct claim *c, const char *line)
{
    const char *rest;

    snprintf(c->text, sizeof c->text, "%s", line);
    if ((rest = after(line, "exit ")) != NULL) {
        c->kind = CLAIM_EXIT;
        c->status = atoi(rest);
        return isdigit((unsigned char)*rest);
    }
    if ((rest = after(line, "prints no ")) != NULL) {
        c->kind = CLAIM_PRINTS_NOT;
        return parse_quoted(c, rest);
    }
    if ((rest = after(line, "prints ")) != NULL) {
        c->kind = CLAIM_PRINTS;
        return parse_quoted(c, rest);
    }
    return parse_comparison(c);
}

/* "answer b", "answer b if CLAIM", or a claim. */
static bool parse_sentence(struct claim *c, const char *line)
{
    const char *letter = after(line, "answer ");

    *c = (struct claim){ .kind = CLAIM_NOTHING };
    if (!letter)
        return parse_claim(c, line);
    c->answer = *letter;
    snprintf(c->text, sizeof c->text, "%s", line);
    if (*letter < 'a' || *letter > 'z')
        return false;
    const char *condition = after(letter + 1, " if ");
    return condition ? parse_claim(c, condition) : !letter[1];
}

static bool parse_line(struct shape *s, const char *line)
{
    const char *rest;

    if ((rest = after(line, "quick: ")) != NULL)
        return snprintf(s->quick, sizeof s->quick, "%s", rest) < SHAPE_TEXT;
    if ((rest = after(line, "needs: strategy ")) != NULL)
        return rest[0] && snprintf(s->strategy, sizeof s->strategy, "%s", rest) < FIGURE_WORD;
    if ((rest = after(line, "needs: ")) != NULL) {
        char *end;
        s->processors = (unsigned)strtoul(rest, &end, 10);
        return s->processors > 0 && strcmp(end, " processors") == 0;
    }
    if (s->count == SHAPE_CLAIMS || !parse_sentence(&s->claims[s->count], line))
        return false;
    const struct claim *c = &s->claims[s->count++];
    s->measures |= c->kind == CLAIM_MORE || c->kind == CLAIM_LESS;
    return true;
}

int shape_parse(struct shape *s, const char *text, char *why, size_t size)
{
    *s = (struct shape){ .count = 0 };
    while (*text) {
        char line[SHAPE_TEXT];
        size_t length = strcspn(text, "\n");
        bool fits = snprintf(line, sizeof line, "%.*s", (int)length, text) < SHAPE_TEXT;
        if (line[0] && (!fits || !parse_line(s, line))) {
            snprintf(why, size, "no sentence of a shape: %s", line);
            return -EINVAL;
        }
        text += length + (text[length] == '\n');
    }
    if (s->count == 0) {
        snprintf(why, size, "nothing is expected");
        return -EINVAL;
    }
    return 0;
}

/* ---- looking ---- */

static bool side_value(const struct claim_side *side, const struct shape_result *r,
                       struct claim_seen *out, double *value)
{
    struct figure_answer answer;

    *value = side->factor;
    if (!side->is_figure)
        return true;
    if (!r->figures) {
        snprintf(out->why, sizeof out->why, "there are no figures");
        return false;
    }
    if (figure_find(r->figures, &side->figure, &answer) != 0) {
        snprintf(out->why, sizeof out->why, "%s", answer.why);
        return false;
    }
    *value *= answer.value;
    out->disturbed |= answer.disturbed;
    return true;
}

static enum claim_verdict compare(const struct claim *c, const struct shape_result *r,
                                  struct claim_seen *out)
{
    double left, right;

    if (!side_value(&c->left, r, out, &left) || !side_value(&c->right, r, out, &right))
        return CLAIM_UNKNOWN;
    out->left = left;
    out->right = right;
    return (c->kind == CLAIM_MORE ? left > right : left < right) ? CLAIM_HOLDS : CLAIM_FAILS;
}

/* Lines are broken where the terminal wants it: only words count. */
static bool is_printed(const char *output, const char *text)
{
    size_t size = strlen(output) + 1;
    char *squeezed = malloc(size);
    bool there = false;

    if (squeezed) {
        squeeze(squeezed, size, output);
        there = strstr(squeezed, text) != NULL;
    }
    free(squeezed);
    return there;
}

void shape_look(const struct claim *c, const struct shape_result *r, struct claim_seen *out)
{
    bool holds = true;

    *out = (struct claim_seen){ .left = NAN, .right = NAN };
    switch (c->kind) {
    case CLAIM_MORE:
    case CLAIM_LESS:
        out->verdict = compare(c, r, out);
        return;
    case CLAIM_EXIT: holds = r->status == c->status; break;
    case CLAIM_PRINTS: holds = is_printed(r->output, c->printed); break;
    case CLAIM_PRINTS_NOT: holds = !is_printed(r->output, c->printed); break;
    case CLAIM_NOTHING: break;
    }
    out->verdict = holds ? CLAIM_HOLDS : CLAIM_FAILS;
}
