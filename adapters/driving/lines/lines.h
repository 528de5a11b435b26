/*
 * What every wire of lines shares: cutting bytes into lines, and the queue of lines to a client that
 * reads when it likes. No descriptor is touched here.
 */
#pragma once

#include "adapters/driving/lines/framing.h"
#include "adapters/driving/lines/queue.h"
