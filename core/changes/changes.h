/*
 * The hub of changes: whoever changes something tells it once, and every listener hears it. Changes
 * of lists that come in a burst are told once, a moment later.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"
#include "ports/driven/timer.h"
#include "ports/driving/change_service.h"

/* How long changes of lists are gathered. */
#define CHANGES_GATHER_MS 20u

struct changes;

/* The timer port must outlive the hub. */
int changes_new(const struct timer_port *timer, struct changes **out, struct error *err);

/* Listeners are not told. NULL is allowed. */
void changes_free(struct changes *changes);

void changes_tell(struct changes *changes, enum change_kind kind, struct str subject);

const struct change_service *changes_service(struct changes *changes);
