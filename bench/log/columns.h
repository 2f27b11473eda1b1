/*
 * columns.h - records with named fields, CSV and JSON, for parse.c.
 *
 * CSV is read by libcsv in strict mode, JSON by jansson.  Both return what
 * log_parse() returns.
 */
#ifndef CONTEND_BENCH_LOG_COLUMNS_H
#define CONTEND_BENCH_LOG_COLUMNS_H

#include "bench/log/parse.h"

struct log_records;

/* 0 or -ENOMEM.  delimiter 0 = guessed from the first line of each file. */
int log_records_new(struct log_records **records, const struct log_columns *columns,
                    char delimiter);
void log_records_free(struct log_records *records);

/* A new file: its header and its delimiter are not known yet. */
void log_records_begin(struct log_records *records);

int log_records_csv(struct log_records *records, const char *text, size_t length,
                    struct log_fields *fields);
int log_records_json(struct log_records *records, const char *text, size_t length,
                     struct log_fields *fields);

#endif
