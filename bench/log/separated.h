/*
 * separated.h - records with a separator, for parse.c: CSV, and the W3C extended format, whose
 * directive #Fields is the header.
 */
#ifndef CONTEND_BENCH_LOG_SEPARATED_H
#define CONTEND_BENCH_LOG_SEPARATED_H

#include "bench/log/columns.h"

struct log_csv;

/* 0 or -ENOMEM.  delimiter 0 = guessed from the first line of each file. */
int log_csv_new(struct log_csv **csv, const struct log_names *names, char delimiter);
void log_csv_free(struct log_csv *csv);

/* A new file: its header and its delimiter are not known yet. */
void log_csv_begin(struct log_csv *csv);

/* What log_parse() returns.  LOG_MORE: a quote is open at the end of the text. */
int log_csv_line(struct log_csv *csv, const char *text, size_t length, enum log_unit unit,
                 struct log_fields *fields);

/* The same of a file with #Fields; other lines that begin with '#' are skipped. */
int log_csv_w3c_line(struct log_csv *csv, const char *text, size_t length, enum log_unit unit,
                     struct log_fields *fields);
bool log_csv_is_w3c(const char *text, size_t length);

#endif
