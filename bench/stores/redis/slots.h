/*
 * slots.h - which of a Redis Cluster's 16,384 slots a key belongs to.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_SLOTS_H
#define CONTEND_BENCH_STORES_REDIS_SLOTS_H

enum { REDIS_SLOTS = 16384 };

/*
 * CRC16 of the key (polynomial 0x1021, from 0, as XMODEM), modulo the number of slots.  If the key has
 * a '{' and a '}' with something in between, the first such pair, only what is between them counts:
 * keys with the same tag are in the same slot, so that one script may use them all.
 */
unsigned redis_slot(const char *key);

#endif
