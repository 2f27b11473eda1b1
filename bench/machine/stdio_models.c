/* stdio_models.c - see stdio_models.h. */
#include "bench/machine/stdio_models.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine/formats.h"
#include "bench/machine/machine.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

/* ---- blocks and lines ---- */

size_t check_fwrite(const void *from, size_t size, size_t count, FILE *f)
{
    touches_read(from, size * count, PC);
    return fwrite(from, size, count, f);
}

size_t check_fread(void *to, size_t size, size_t count, FILE *f)
{
    size_t got = fread(to, size, count, f);

    touches_write(to, size * got, PC);
    return got;
}

char *check_fgets(char *to, int size, FILE *f)
{
    char *got = fgets(to, size, f);

    if (got)
        touches_write(to, strlen(to) + 1, PC);
    return got;
}

int check_fputs(const char *text, FILE *f)
{
    touches_text(text, SIZE_MAX, PC);
    return fputs(text, f);
}

int check_puts(const char *text)
{
    touches_text(text, SIZE_MAX, PC);
    return puts(text);
}

/* Makes the line long enough; false: there is no memory. */
static bool make_room(char **line, size_t *room, size_t size, const void *pc)
{
    if (*line && *room >= size)
        return true;
    char *larger = *line ? machine->reallocate(*line, size, pc) : machine->allocate(size, 16, false, pc);
    if (!larger)
        return false;
    touches_write(line, sizeof *line, pc);
    touches_write(room, sizeof *room, pc);
    *line = larger;
    *room = size;
    return true;
}

static ssize_t get_until(char **line, size_t *room, int end, FILE *f, const void *pc)
{
    char *read = NULL;
    size_t unused = 0;

    touches_read(line, sizeof *line, pc);
    touches_read(room, sizeof *room, pc);
    ssize_t length = getdelim(&read, &unused, end, f);
    if (length >= 0 && make_room(line, room, (size_t)length + 1, pc)) {
        touches_write(*line, (size_t)length + 1, pc);
        memcpy(*line, read, (size_t)length + 1);
    } else {
        length = -1;
    }
    free(read);
    return length;
}

ssize_t check_getdelim(char **line, size_t *room, int end, FILE *f)
{
    return get_until(line, room, end, f, PC);
}

ssize_t check_getline(char **line, size_t *room, FILE *f)
{
    return get_until(line, room, '\n', f, PC);
}

/* ---- chance ---- */

static struct {
    uint64_t execution, state;
} chance;

static int draw(void)
{
    if (!machine->execution) /* a driver on real threads */
        return rand();
    if (chance.execution != machine->execution())
        chance.state = 1;
    chance.execution = machine->execution();
    chance.state = chance.state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (int)(chance.state >> 33);
}

int check_rand(void)
{
    return draw();
}

long check_random(void)
{
    return draw();
}

void check_srand(unsigned seed)
{
    (void)seed;
}

/* ---- printing ---- */

__attribute__((format(printf, 2, 0))) static int print(FILE *f, const char *format, va_list arguments,
                                                       const void *pc)
{
    va_list looked_at;

    va_copy(looked_at, arguments);
    formats_read_arguments(format, &looked_at, pc);
    va_end(looked_at);
    return vfprintf(f, format, arguments);
}

int check_vfprintf(FILE *f, const char *format, va_list arguments)
{
    return print(f, format, arguments, PC);
}

int check_vprintf(const char *format, va_list arguments)
{
    return print(stdout, format, arguments, PC);
}

int check_fprintf(FILE *f, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = print(f, format, arguments, PC);
    va_end(arguments);
    return length;
}

int check_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = print(stdout, format, arguments, PC);
    va_end(arguments);
    return length;
}

/* ---- scanning ---- */

int check_sscanf(const char *text, const char *format, ...)
{
    va_list arguments, written;

    touches_text(text, SIZE_MAX, PC);
    va_start(arguments, format);
    va_copy(written, arguments);
    int count = vsscanf(text, format, arguments);
    formats_written(format, &written, count, PC);
    va_end(written);
    va_end(arguments);
    return count;
}

int check_fscanf(FILE *f, const char *format, ...)
{
    va_list arguments, written;

    va_start(arguments, format);
    va_copy(written, arguments);
    int count = vfscanf(f, format, arguments);
    formats_written(format, &written, count, PC);
    va_end(written);
    va_end(arguments);
    return count;
}

int check_scanf(const char *format, ...)
{
    va_list arguments, written;

    va_start(arguments, format);
    va_copy(written, arguments);
    int count = vscanf(format, arguments);
    formats_written(format, &written, count, PC);
    va_end(written);
    va_end(arguments);
    return count;
}

/* ---- sorting ---- */

static void swap(char *one, char *other, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char kept = one[i];
        one[i] = other[i];
        other[i] = kept;
    }
}

/* Lets the element sink until none of its children, before `count`, is greater. */
static void sink(char *array, size_t at, size_t count, size_t size,
                 int (*compare)(const void *, const void *))
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(array + child * size, array + (child + 1) * size) < 0)
            child++;
        if (compare(array + at * size, array + child * size) >= 0)
            return;
        swap(array + at * size, array + child * size, size);
    }
}

void check_qsort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    touches_read(array, count * size, PC);
    touches_write(array, count * size, PC);
    for (size_t i = count / 2; i-- > 0;)
        sink(array, i, count, size, compare);
    for (size_t left = count; left-- > 1;) {
        swap(array, (char *)array + left * size, size);
        sink(array, 0, left, size, compare);
    }
}
