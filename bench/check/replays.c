/* replays.c - see replays.h. */
#include "bench/check/replays.h"

#include <string.h>

static const char *const modes[] = { [CHECK_SC] = "sc", [CHECK_WEAK] = "weak" };
static const char *const reuses[] = { [CHECK_QUARANTINE] = "quarantine", [CHECK_LIFO] = "lifo" };
static const char past[] = "+races", fails[] = "+malloc";

void replay_print(const struct check_options *options, const char *choices, char *text, size_t size)
{
    snprintf(text, size, "%s%s%s@%s@%s", modes[options->mode], options->past_races ? past : "",
             options->malloc_fails ? fails : "", reuses[options->reuse], choices);
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

bool replay_parse(const char *text, struct check_options *options, char choices[CHECK_CHOICES])
{
    int mode = take_one(&text, modes);
    bool races = take(&text, past), malloc_fails = take(&text, fails), at = take(&text, "@");
    int reuse = take_one(&text, reuses);

    if (mode < 0 || !at || reuse < 0 || !take(&text, "@") || strlen(text) >= CHECK_CHOICES)
        return false;
    memcpy(choices, text, strlen(text) + 1);
    *options = (struct check_options){ .strategy = CHECK_REPLAY, .seed = 1, .past_races = races,
                                       .malloc_fails = malloc_fails,
                                       .mode = (enum check_mode)mode, .choices = choices,
                                       .reuse = (enum check_reuse)reuse };
    return true;
}
