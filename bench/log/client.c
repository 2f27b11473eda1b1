/* client.c - addresses, and where in a line they stand. */
#include "bench/log/client.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "bench/log/pattern.h"

bool client_trim(struct span *s)
{
    /*
     * Words of grep and loggers; [address]:port, IPv4:port, IPv6; its proxies.  A ninth part of
     * IPv6 is a port, and so is one of five digits, which no group has.  Of "7:2001:db8::1"
     * that is what begins as the addresses in use do; only if nothing does, any will do.
     */
    static const char regex[] =
        "^(?|(?:(?:\\d+|.*[./].*)-|(?:[^:]*:){0,5}?)"
        "(?|\\[([^]]+)\\](?::\\d{1,5})?|(\\d+(?:\\.\\d+){3})(?::\\d{1,5})?"
        "|(?i)(?=[23][\\da-f]{3}:|f[c-f]|64:ff9b:|0*:)((?&six)))"
        "|(?:[^:]*:){0,5}?((?&six)))(?::\\d{1,5})?(?:,.*)?$"
        "(?(DEFINE)(?<six>(?=[^,]*::|(?:[^:,]*:){6})"
        "(?i)(?:[\\da-f]{0,4}:){2,7}(?:\\d+(?:\\.\\d+){3}|[\\da-f]{0,4})))";
    static struct pattern address;
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char binary[sizeof(struct in6_addr)];
    struct span found;

    if (!pattern_find(&address, regex, *s, 0) || !pattern_group(&address, *s, 1, &found) ||
        found.length >= sizeof text || memchr(found.text, 0, found.length))
        return false;
    memcpy(text, found.text, found.length);
    text[found.length] = '\0';
    if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, binary) != 1)
        return false;
    *s = found;
    return true;
}

size_t client_spell(struct span address, char out[CLIENT_ADDRESS])
{
    struct in6_addr binary;
    const void *bytes = &binary;

    snprintf(out, CLIENT_ADDRESS, "%.*s", (int)address.length, address.text);
    if (inet_pton(AF_INET6, out, &binary) == 1) {
        bool mapped = IN6_IS_ADDR_V4MAPPED(&binary);
        inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? binary.s6_addr + 12 : bytes, out,
                  CLIENT_ADDRESS);
    }
    return strlen(out);
}

size_t client_fields(struct span line, size_t most, struct span fields[CLIENT_FIELDS])
{
    static const char regex[] = "(?|\\[([^]]*+)\\](?!\\S)|\"(.*?)(?<!\\\\)\"(?!\\S)|(\\S+))";
    static struct pattern field;
    struct span whole;
    size_t count = 0;

    for (size_t at = 0; count < most && pattern_find(&field, regex, line, at); count++) {
        pattern_group(&field, line, 1, &fields[count % CLIENT_FIELDS]);
        pattern_group(&field, line, 0, &whole);
        at = (size_t)(whole.text + whole.length - line.text);
    }
    return count;
}

void client_look(struct client_columns *c, struct span head)
{
    struct span list[CLIENT_FIELDS];
    size_t n = client_fields(head, CLIENT_FIELDS, list);

    c->lines++;
    c->with[n]++;
    for (size_t k = 0; k < n; k++) {
        struct span *first = &c->of[k].first;
        c->of[k].listed |= list[k].length && list[k].text[list[k].length - 1] == ',';
        c->of[k].addresses += client_trim(&list[k]);
        if (!first->text)
            *first = list[k];
        c->of[k].varies |= first->length != list[k].length ||
                           memcmp(first->text, list[k].text, first->length) != 0;
    }
}

size_t client_choose(const struct client_columns *c)
{
    size_t usual = 0, best = CLIENT_FIELDS;
    unsigned most = 0;

    for (size_t i = 0; i < CLIENT_FIELDS; i++) {
        usual = c->with[i + 1] > c->with[usual] ? i + 1 : usual;
        most = c->of[i].addresses > most ? c->of[i].addresses : most;
    }
    size_t host = usual > 3 ? usual - 3 : 0; /* HOST IDENT USER */
    bool names = most == 0 || most * 10 < c->lines; /* and no addresses */
    for (size_t i = 0; i < CLIENT_FIELDS && !names; i++)
        if (c->of[i].addresses * 10 >= most * 8 &&
            (best == CLIENT_FIELDS || c->of[i].varies > c->of[best].varies ||
             (c->of[i].varies == c->of[best].varies && i == host)))
            best = i;
    best = names ? host : best;
    while (!names && best && c->of[best - 1].listed)
        best--;
    return best + 1;
}

struct span client_cut_front(struct span line, unsigned front)
{
    static struct pattern patterns[CLIENT_FRONTS];
    struct span cut;
    char regex[64];

    snprintf(regex, sizeof regex, "^[ \\t]*(?:\\S+[ \\t]+){%u}(?:[^\\s:]*:){%u}(?=.)",
             (front - 1) / 4, (front - 1) % 4);
    if (!front || !pattern_find(&patterns[front], regex, line, 0))
        return line;
    pattern_group(&patterns[front], line, 0, &cut);
    return (struct span){ line.text + cut.length, line.length - cut.length };
}
