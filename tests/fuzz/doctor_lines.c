/*
 * Lines that an examined server might write, judged by the doctor. Holds: every answer is kept for
 * one request at most, and what is said of a line fits into its room.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/doctor/peer_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ASKED 3

static void open_peer(struct peer *peer, struct observed *observed)
{
    static const char *const ids[ASKED] = {"1", "\"a\"", "2"};
    *peer = (struct peer){.observed = observed, .asked_count = ASKED, .asked_room = ASKED};
    peer->asked = calloc(ASKED, sizeof(*peer->asked));
    assert(peer->asked);
    for (size_t i = 0; i < ASKED; i++)
        strcpy(peer->asked[i].id, ids[i]);
}

static void close_peer(struct peer *peer)
{
    for (size_t i = 0; i < ASKED; i++)
        json_free(peer->asked[i].answer);
    free(peer->asked);
    buffer_clear(&peer->replies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct observed observed = {.runs = 1};
    struct peer peer;
    const char *text = (const char *)data;
    open_peer(&peer, &observed);
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t len = end ? (size_t)(end - text) - at : size - at;
        peer.null_meaning = (enum null_id)(len % 3);
        peer_take_line(&peer, (struct str){text + at, len});
        at += len + 1;
    }
    for (size_t i = 0; i < ODD_COUNT; i++)
        assert(strlen(observed.odd[i].first) < SAMPLE_MAX &&
               !observed.odd[i].count == !observed.odd[i].first[0]);
    close_peer(&peer);
    return 0;
}
