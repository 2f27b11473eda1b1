/* page.c - puts the parts of the page together. */
#include "bench/report/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Raw windows are most of a file, and no plot needs them. */
static void drop_windows(json_t *files)
{
    size_t f, c;
    json_t *file, *cell;

    json_array_foreach(files, f, file)
        json_array_foreach(json_object_get(json_object_get(file, "data"), "cells"), c, cell)
            json_object_del(cell, "blocks");
}

/* As JSON inside a script: no text in it may end the script. */
static void put_json(FILE *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));

    for (const char *at = text; at && *at; at++)
        if (at[0] == '<')
            fputs("\\u003c", out);
        else
            fputc(*at, out);
    free(text);
}

static void put_part(FILE *out, const char *name, size_t length, const json_t *files, const json_t *changes)
{
    static const struct {
        const char *name, *text;
    } parts[] = { { "css", page_css }, { "chart", page_chart }, { "base", page_base }, { "plots", page_plots },
        { "answer", page_answer }, { "loads", page_loads },
        { "changed", page_changed }, { "runs", page_runs }, { "js", page_js } };

    if (strncmp(name, "files", length) == 0)
        put_json(out, files);
    if (strncmp(name, "changes", length) == 0)
        put_json(out, changes);
    if (strncmp(name, "words", length) == 0) {
        json_t *words = page_words();
        put_json(out, words);
        json_decref(words);
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strlen(parts[i].name) == length && strncmp(name, parts[i].name, length) == 0)
            fputs(parts[i].text, out);
}

char *page_of(json_t *files)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    json_t *changes = page_changes(files);
    drop_windows(files);
    for (const char *at = page_html; *at;) {
        const char *begin = strchr(at, '@'), *end = begin ? strchr(begin + 1, '@') : NULL;
        if (!end) {
            fputs(at, out);
            break;
        }
        fwrite(at, 1, (size_t)(begin - at), out);
        put_part(out, begin + 1, (size_t)(end - begin - 1), files, changes);
        at = end + 1;
    }
    json_decref(changes);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
