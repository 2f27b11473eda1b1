/* session.c - reads the machine's description from where Linux keeps it. */
#include "bench/measure/session.h"

#include <ctype.h>
#include <dirent.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bench/build_info.h"

static const char unavailable[] = "unavailable";

static char *add(struct session *s, const char *key)
{
    struct session_field *f = &s->fields[s->count++];

    f->key = key;
    snprintf(f->value, sizeof f->value, "%s", unavailable);
    return f->value;
}

__attribute__((format(printf, 3, 4)))
static void put(struct session *s, const char *key, const char *format, ...)
{
    char *value = add(s, key);
    va_list args;

    va_start(args, format);
    vsnprintf(value, SESSION_VALUE, format, args);
    va_end(args);
    if (value[0] == '\0')
        snprintf(value, SESSION_VALUE, "%s", unavailable);
}

/* The first line of a file without its end; false when it cannot be read or is empty. */
static bool first_line(const char *path, char *line, size_t size)
{
    FILE *f = fopen(path, "re");
    bool ok = f && fgets(line, (int)size, f);

    if (f)
        fclose(f);
    if (ok)
        line[strcspn(line, "\n")] = '\0';
    return ok && line[0];
}

static void put_file(struct session *s, const char *key, const char *path)
{
    char line[SESSION_VALUE];

    if (first_line(path, line, sizeof line))
        put(s, key, "%s", line);
    else
        add(s, key);
}

/* The value behind "name : value" in /proc/cpuinfo or /proc/meminfo. */
static bool proc_value(const char *path, const char *name, char *value, size_t size)
{
    char line[4096];
    bool found = false;
    FILE *f = fopen(path, "re");

    while (f && !found && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (!colon || strncmp(line, name, strlen(name)) != 0)
            continue;
        colon++;
        colon += strspn(colon, " \t");
        colon[strcspn(colon, "\n")] = '\0';
        snprintf(value, size, "%s", colon);
        found = true;
    }
    if (f)
        fclose(f);
    return found;
}

static void put_cpus(struct session *s, const cpu_set_t *allowed)
{
    char *value = add(s, "cpus_allowed");
    size_t used = (size_t)snprintf(value, SESSION_VALUE, "%d:", CPU_COUNT(allowed));

    for (unsigned cpu = 0; cpu < CPU_SETSIZE && used + 8 < SESSION_VALUE; cpu++)
        if (CPU_ISSET(cpu, allowed))
            used += (size_t)snprintf(value + used, SESSION_VALUE - used, " %u", cpu);
}

/* How many entries of a folder begin with `prefix` and a digit. */
static unsigned count_entries(const char *folder, const char *prefix)
{
    DIR *d = opendir(folder);
    unsigned count = 0;

    for (struct dirent *e; d && (e = readdir(d));)
        count += strncmp(e->d_name, prefix, strlen(prefix)) == 0 &&
                 isdigit((unsigned char)e->d_name[strlen(prefix)]);
    if (d)
        closedir(d);
    return count;
}

static void put_mitigations(struct session *s)
{
    static const char folder[] = "/sys/devices/system/cpu/vulnerabilities";
    char *value = add(s, "mitigations"), path[512], line[SESSION_VALUE];
    size_t used = 0;
    DIR *d = opendir(folder);

    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] == '.' || !first_line(path, line, sizeof line) ||
            strcmp(line, "Not affected") == 0)
            continue;
        int n = snprintf(value + used, SESSION_VALUE - used, "%s%s: %.24s", used ? "; " : "",
                         e->d_name, line);
        used = used + (size_t)n < SESSION_VALUE ? used + (size_t)n : SESSION_VALUE - 1;
    }
    if (d && !used)
        snprintf(value, SESSION_VALUE, "none needed");
    if (d)
        closedir(d);
}

static void put_topology(struct session *s)
{
    char threads[SESSION_VALUE] = "";

    first_line("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", threads,
               sizeof threads);
    put(s, "topology_claimed", "%u processors, %u NUMA nodes, siblings of cpu0: %s",
        count_entries("/sys/devices/system/cpu", "cpu"),
        count_entries("/sys/devices/system/node", "node"), threads[0] ? threads : unavailable);
}

static void put_hypervisor(struct session *s)
{
    char flags[4096], vendor[SESSION_VALUE] = "";
    bool read = proc_value("/proc/cpuinfo", "flags", flags, sizeof flags);

    first_line("/sys/class/dmi/id/sys_vendor", vendor, sizeof vendor);
    if (!read)
        add(s, "hypervisor");
    else if (strstr(flags, " hypervisor"))
        put(s, "hypervisor", "yes%s%s", vendor[0] ? ", " : "", vendor);
    else
        put(s, "hypervisor", "none seen");
}

void session_record(struct session *s, const cpu_set_t *allowed, uint64_t seed)
{
    char line[SESSION_VALUE];
    struct utsname u;
    time_t now = time(NULL);
    struct tm utc;

    s->count = 0;
    if (gmtime_r(&now, &utc) && strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ", &utc))
        put(s, "time", "%s", line);
    if (proc_value("/proc/cpuinfo", "model name", line, sizeof line))
        put(s, "cpu_model", "%s", line);
    else
        add(s, "cpu_model");
    put_cpus(s, allowed);
    put_topology(s);
    put_hypervisor(s);
    put_file(s, "governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    put_file(s, "huge_pages", "/sys/kernel/mm/transparent_hugepage/enabled");
    if (uname(&u) == 0)
        put(s, "kernel", "%s %s %s", u.sysname, u.release, u.machine);
    else
        add(s, "kernel");
    put_mitigations(s);
    put_file(s, "clock_source", "/sys/devices/system/clocksource/clocksource0/current_clocksource");
    put_file(s, "cgroup_cpu_max", "/sys/fs/cgroup/cpu.max");
    if (proc_value("/proc/meminfo", "MemTotal", line, sizeof line))
        put(s, "memory", "%s", line);
    else
        add(s, "memory");
    put(s, "page_size", "%ld", sysconf(_SC_PAGESIZE));
    put(s, "compiler", "%s", BUILD_COMPILER);
    put(s, "build", "%s", BUILD_OPTIONS);
    put(s, "libraries", "%s", BUILD_LIBRARIES);
    put(s, "allocator", "glibc %s malloc", gnu_get_libc_version());
    put(s, "commit", "%s", BUILD_COMMIT);
    put(s, "contend", "%s", BUILD_VERSION);
    put(s, "seed", "%" PRIu64, seed);
}

const char *session_value(const struct session *s, const char *key)
{
    for (unsigned i = 0; i < s->count; i++)
        if (strcmp(s->fields[i].key, key) == 0)
            return s->fields[i].value;
    return unavailable;
}
