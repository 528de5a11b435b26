#include "adapters/driving/validator/board.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct board *board_new(void)
{
    void *memory =
        mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void board_free(struct board *board)
{
    if (board)
        munmap(board, sizeof(*board));
}

static void raise_worst(struct board *board, uint32_t severity)
{
    uint32_t worst = atomic_load(&board->worst);
    while (severity > worst && !atomic_compare_exchange_weak(&board->worst, &worst, severity))
        ;
}

/* The same again says nothing new. */
static bool told(const struct board *board, const char *where, const char *text)
{
    uint32_t count = atomic_load(&board->count);
    for (uint32_t i = 0; i < count && i < BOARD_FINDINGS; i++)
        if (strncmp(board->findings[i].where, where, sizeof(board->findings[i].where) - 1) == 0 &&
            strncmp(board->findings[i].text, text, sizeof(board->findings[i].text) - 1) == 0)
            return true;
    return false;
}

void board_tell(struct board *board, enum severity severity, const char *where, const char *text)
{
    raise_worst(board, severity);
    if (told(board, where, text))
        return;
    uint32_t at = atomic_fetch_add(&board->count, 1);
    if (at >= BOARD_FINDINGS)
        return;
    struct finding *finding = &board->findings[at];
    snprintf(finding->where, sizeof(finding->where), "%s", where);
    snprintf(finding->text, sizeof(finding->text), "%s", text);
    finding->severity = severity;
}

void board_settle(struct board *board)
{
    board->step[sizeof(board->step) - 1] = '\0';
    board->reason[sizeof(board->reason) - 1] = '\0';
    if (atomic_load(&board->worst) > FINDING_CRASH)
        atomic_store(&board->worst, FINDING_CRASH);
    for (size_t i = 0; i < BOARD_FINDINGS; i++) {
        struct finding *finding = &board->findings[i];
        finding->where[sizeof(finding->where) - 1] = '\0';
        finding->text[sizeof(finding->text) - 1] = '\0';
        if (finding->severity > FINDING_CRASH)
            finding->severity = FINDING_CRASH;
    }
}
