/* sort.cc - a stable sort, by the C++ library. */
#include <algorithm>
#include <cerrno>
#include <cstdio>

extern "C" {
#include "bench/base/memory.h"
#include "bench/log/log.h"
}

extern "C" int log_sort(struct log *log)
{
    log_event *events = log->events;

    if (log->sorted)
        return 0;
    if (!memory_grants(log->count / 2 * sizeof *events)) {
        std::snprintf(log->message, sizeof log->message,
                      "out of memory while sorting; read a part of the log");
        return -ENOMEM;
    }
    std::stable_sort(events, events + log->count, [](const log_event &a, const log_event &b) {
        return a.time_ms < b.time_ms;
    });
    log->sorted = true;
    return 0;
}
