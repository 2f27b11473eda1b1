/*
 * columns.h - which columns (CSV) or keys (JSON) hold the time, the visitor and the post:
 * those that were named, or names under which they are known.
 */
#ifndef CONTEND_BENCH_LOG_COLUMNS_H
#define CONTEND_BENCH_LOG_COLUMNS_H

#include "bench/base/nearest.h"
#include "bench/log/parse.h"

enum log_role { LOG_TIME, LOG_USER, LOG_POST, LOG_ROLES };

struct log_names {
    const char *const *of[LOG_ROLES]; /* each ends with NULL; "date+time" is two columns */
    const char *own[LOG_ROLES][2];
    bool known;    /* nobody named them */
    bool numbered; /* they number the columns of a CSV file, from 1 */
};

/* columns NULL = the known names; `user` replaces the visitor's, unless it is NULL. */
void log_names_set(struct log_names *names, const struct log_columns *columns, const char *user);

/* Whether a name is a column's number. */
bool log_column_number(const char *text, unsigned *number);

/* Whether both are one name, as people write it: "Client IP", "client_ip", "clientIp". */
bool log_same_name(const char *a, size_t a_length, const char *b, size_t b_length);

/* What there is instead of a name that is missing. */
struct log_offer {
    const struct log_names *names;
    enum log_role role;
    struct nearest nearest;
    char best[64];
    char all[96]; /* the first of them, with commas between */
};

void log_offer_begin(struct log_offer *o, const struct log_names *names, enum log_role role);
void log_offer_add(struct log_offer *o, const char *name);

/* "there is no column 'pth'; did you mean 'path'? There are ts, ip, path", in the buffer. */
const char *log_offer_say(struct log_offer *o, const char *what, char buffer[LOG_REASON_SIZE]);

#endif
