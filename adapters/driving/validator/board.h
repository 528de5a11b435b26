/*
 * Where a check writes what it finds: memory that the child shares with the parent. The parent
 * reads it when the child has ended, and believes nothing in it: the plugin could write there.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum severity {
    FINDING_NOTE,    /* worth knowing             */
    FINDING_WARNING, /* allowed, and not good     */
    FINDING_FAILURE, /* breaks the contract       */
    FINDING_CRASH,   /* crash, hang, exit         */
};

struct finding {
    uint32_t severity;
    char where[192];
    char text[640];
};

#define BOARD_FINDINGS 24

struct board {
    _Atomic uint32_t count; /* of findings; may be more than there is room for */
    _Atomic uint32_t worst; /* enum severity */
    _Atomic uint32_t ended; /* the check returned */
    _Atomic uint32_t skipped;
    char step[256];
    char reason[256]; /* of the skip */
    struct finding findings[BOARD_FINDINGS];
};

/* NULL without memory. */
struct board *board_new(void);
void board_free(struct board *board);

/* [any] Adds a finding; what is too long is cut. */
void board_tell(struct board *board, enum severity severity, const char *where, const char *text);

/* Cuts every text and number to what can be; after the child has ended. */
void board_settle(struct board *board);
