// Which records count as acknowledged without a gap, for acknowledgements in any order.
#include "sinks/kafka/delivery_ledger.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <vector>

namespace groundhog::sinks {
namespace {

constexpr std::uint64_t kEpoch = 256;  // records
constexpr std::size_t kBytes = 100;

class DeliveryLedgerTest : public ::testing::Test {
 protected:
  // The next records, each with a copy.
  void Send(std::uint64_t records) {
    for (; records != 0; --records) {
      for (const bool is_copy : {false, true}) {
        tickets_.push_back(ledger_.Ticket(is_copy));
        ledger_.AddSent(kBytes);
      }
      ledger_.EndRecord(++position_);
    }
  }
  // Those of the records in [begin, end).
  void Acknowledge(std::uint64_t begin, std::uint64_t end) {
    ledger_.Acknowledge(std::span(tickets_).subspan(2 * begin, 2 * (end - begin)));
  }

  DeliveryLedger ledger_;
  std::vector<void*> tickets_;
  std::uint64_t position_ = 0;
};

TEST_F(DeliveryLedgerTest, NothingIsAcknowledgedPastAHole) {
  Send(3 * kEpoch);
  Acknowledge(kEpoch, 3 * kEpoch);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 0U);
  Acknowledge(0, kEpoch - 1);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 0U);
  EXPECT_EQ(ledger_.outstanding(), 2U);
  Acknowledge(kEpoch - 1, kEpoch);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 3 * kEpoch);
  EXPECT_EQ(ledger_.outstanding(), 0U);
}

TEST_F(DeliveryLedgerTest, AcknowledgementsMayComeWhileTheirEpochGoesOn) {
  Send(10);
  Acknowledge(0, 9);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 0U);  // and so ends it at 10
  Send(10);
  Acknowledge(10, 20);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 0U);
  Acknowledge(9, 10);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 20U);
}

TEST_F(DeliveryLedgerTest, ManyMoreEpochsThanItHasRoomForAreKeptApart) {
  constexpr std::uint64_t kRecords = 1000 * kEpoch;
  Send(kRecords);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 0U);
  Acknowledge(0, kRecords - 1);
  EXPECT_LT(ledger_.AcknowledgedPosition(), kRecords);
  Acknowledge(kRecords - 1, kRecords);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), kRecords);
  Send(1);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), kRecords);
}

TEST_F(DeliveryLedgerTest, WhatFailedOrWasGivenUpIsNeverPassed) {
  Send(5);
  Acknowledge(0, 5);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 5U);
  ledger_.AddGivenUp(kBytes);
  ledger_.EndRecord(++position_);
  Send(kEpoch);
  Acknowledge(5, 5 + kEpoch);
  EXPECT_EQ(ledger_.AcknowledgedPosition(), 5U);
  EXPECT_EQ(ledger_.counts().messages_failed, 1U);
}

TEST_F(DeliveryLedgerTest, CountsCopiesAndDelays) {
  Send(kEpoch);
  Acknowledge(0, kEpoch);
  const Counts counts = ledger_.counts();
  EXPECT_EQ(counts.messages_sent, 2 * kEpoch);
  EXPECT_EQ(counts.messages_acknowledged, 2 * kEpoch);
  EXPECT_EQ(counts.copies_acknowledged, kEpoch);
  EXPECT_EQ(counts.bytes, 2 * kEpoch * kBytes);
  EXPECT_EQ(ledger_.Delays().count(), 2 * kEpoch);
}

}  // namespace
}  // namespace groundhog::sinks
