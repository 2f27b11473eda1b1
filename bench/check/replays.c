/* replays.c - see replays.h. */
#include "bench/check/replays.h"

#include <stdlib.h>
#include <string.h>

static const char *const modes[] = { [CHECK_SC] = "sc", [CHECK_WEAK] = "weak" };
static const char *const reuses[] = { [CHECK_QUARANTINE] = "quarantine", [CHECK_LIFO] = "lifo" };
static const char past[] = "+races", fails[] = "+malloc", stops[] = "+stop", starves[] = "+starve";

/* The thread that is held up, and how; "" where none is. */
static void print_held_up(const struct check_options *o, char *text, size_t size)
{
    text[0] = '\0';
    if (o->freeze_thread)
        snprintf(text, size, "%s%u.%u.%u", stops, o->freeze_thread, o->freeze_after, o->freeze_alone);
    else if (o->starve_thread && o->starve_after == STARVING_STEPS)
        snprintf(text, size, "%s%u.%u", starves, o->starve_thread, o->starve_meal);
    else if (o->starve_thread)
        snprintf(text, size, "%s%u.%u.%u", starves, o->starve_thread, o->starve_meal, o->starve_after);
}

void replay_print(const struct check_options *options, const char *choices, char *text, size_t size)
{
    char held_up[64];

    print_held_up(options, held_up, sizeof held_up);
    snprintf(text, size, "%s%s%s%s@%s@%s", modes[options->mode], options->past_races ? past : "",
             options->malloc_fails ? fails : "", held_up, reuses[options->reuse], choices);
}

/* Takes the word off the text if that begins with it. */
static bool take(const char **text, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*text, word, length) != 0)
        return false;
    *text += length;
    return true;
}

/* The index of the word that the text begins with, of two; or -1. */
static int take_one(const char **text, const char *const words[2])
{
    return take(text, words[0]) ? 0 : take(text, words[1]) ? 1 : -1;
}

static bool take_number(const char **text, unsigned *number)
{
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    *number = (unsigned)strtoul(*text, &end, 10);
    *text = end;
    return true;
}

/* Numbers with dots between them. */
static bool take_numbers(const char **text, unsigned numbers[], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if ((i && !take(text, ".")) || !take_number(text, &numbers[i]))
            return false;
    return numbers[0] >= 1 && numbers[0] <= CHECK_MAX_THREADS;
}

/* False if a thread is said to be held up, and not how. */
static bool take_held_up(const char **text, struct check_options *o)
{
    unsigned n[3];

    if (take(text, stops)) {
        if (!take_numbers(text, n, 3))
            return false;
        replay_stops(o, n[0], n[1], n[2]);
    } else if (take(text, starves)) {
        if (!take_numbers(text, n, 2))
            return false;
        replay_starves(o, n[0], n[1]);
        return **text != '.' || (take(text, ".") && take_number(text, &o->starve_after));
    }
    return true;
}

void replay_stops(struct check_options *o, unsigned thread, unsigned after, unsigned alone)
{
    o->freeze_thread = thread;
    o->freeze_after = after;
    o->freeze_alone = alone;
    o->keep_leaks = true;
    o->steps = STOPPED_STEPS;
}

void replay_starves(struct check_options *o, unsigned thread, unsigned meal)
{
    o->starve_thread = thread;
    o->starve_meal = meal;
    o->starve_after = STARVING_STEPS;
    o->keep_leaks = true;
    o->steps = 1000 * STARVING_STEPS;
}

bool replay_parse(const char *text, struct check_options *options, char choices[CHECK_CHOICES])
{
    struct check_options held_up = { .seed = 1 };
    int mode = take_one(&text, modes);
    bool races = take(&text, past), malloc_fails = take(&text, fails);
    bool at = take_held_up(&text, &held_up) && take(&text, "@");
    int reuse = take_one(&text, reuses);

    if (mode < 0 || !at || reuse < 0 || !take(&text, "@") || strlen(text) >= CHECK_CHOICES)
        return false;
    memcpy(choices, text, strlen(text) + 1);
    *options = held_up;
    options->strategy = CHECK_REPLAY;
    options->past_races = races;
    options->malloc_fails = malloc_fails;
    options->mode = (enum check_mode)mode;
    options->choices = choices;
    options->reuse = (enum check_reuse)reuse;
    return true;
}
