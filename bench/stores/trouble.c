/* trouble.c - see parts/trouble.h. */
#include "bench/stores/parts/trouble.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static char kept[TROUBLE_TEXT]; /* guarded by guard */

void trouble_note(const char *name, const char *format, ...)
{
    va_list arguments;

    pthread_mutex_lock(&guard);
    if (kept[0] == '\0') {
        size_t used = (size_t)snprintf(kept, sizeof kept, "%s: ", name);
        va_start(arguments, format);
        if (used < sizeof kept)
            vsnprintf(kept + used, sizeof kept - used, format, arguments);
        va_end(arguments);
    }
    pthread_mutex_unlock(&guard);
}

bool trouble_take(char text[TROUBLE_TEXT])
{
    pthread_mutex_lock(&guard);
    memcpy(text, kept, sizeof kept);
    kept[0] = '\0';
    pthread_mutex_unlock(&guard);
    return text[0] != '\0';
}
