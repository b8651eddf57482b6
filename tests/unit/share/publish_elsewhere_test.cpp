// Another dataset is mounted in the share's place while an entry is published. It must not get the
// entry: it would be in the way there, and missed here.
#include "unit/share/dataset_fixture.h"

namespace tidesync {
namespace {

using test::FaultAction;
using test::FsCall;

class PublishElsewhereTest : public test::DatasetFixture,
                             public ::testing::WithParamInterface<PublishPrimitive> {
 protected:
  void SetUp() override {
    create(GetParam());
    share_.rename_directory_new("nas", "away");
    share_.create_directory("nas");
    Random random(7);
    Dataset(share_, "nas", clock_, random, NodeId{"bob"}).create("tidesync test");
    exchange("other", "away");
    // So that an entry would find its folder there.
    for (const char* root : {"nas", "other"}) share_.create_directory(Path(root) / "log/0000000");
  }
  // What is mounted goes to `aside`, and `from` takes its place.
  void exchange(const Path& aside, const Path& from) {
    share_.rename_directory_new("nas", aside);
    share_.rename_directory_new(from, "nas");
  }
  // The other dataset is mounted right before the `at`-th call, and stays.
  void publish_disturbed(std::uint64_t at) {
    calls_ = 0;
    faulty_.set_hook([this, at](const FsCall&) {
      if (++calls_ == at) exchange("away", "other");
      return FaultAction::pass();
    });
    outcome_.reset();
    try {
      outcome_ = publish(Seq{1});
    } catch (const Error& error) {
      thrown_ = error.code();
    }
    faulty_.set_hook({});
    if (calls_ >= at) exchange("other", "away");
  }
  std::size_t entries_of(const Path& root) { return share_.list(root / "log/0000000").size(); }

  std::uint64_t calls_ = 0;
  std::optional<PublishOutcome> outcome_;
  ErrorCode thrown_ = ErrorCode::kInternal;
};

INSTANTIATE_TEST_SUITE_P(Primitives, PublishElsewhereTest,
                         ::testing::Values(PublishPrimitive::kLink, PublishPrimitive::kDirectory),
                         [](const auto& instance) {
                           return instance.param == PublishPrimitive::kLink ? "Link" : "Directory";
                         });

TEST_P(PublishElsewhereTest, AnotherDatasetNeverGetsTheEntryAtWhateverCallItIsMounted) {
  for (std::uint64_t at = 1;; ++at) {
    publish_disturbed(at);
    if (calls_ < at) break;
    EXPECT_EQ(entries_of("other"), 0u) << "call " << at;
    const bool published = outcome_ == PublishOutcome::kPublished;
    EXPECT_TRUE(!published || entries_of("nas") == 1) << "call " << at;
    if (entries_of("nas") > 0) {
      share_.rename_directory_new("nas/log/0000000", "nas/quarantine/" + std::to_string(at));
      share_.create_directory("nas/log/0000000");
    }
  }
}

TEST_P(PublishElsewhereTest, WhoeverFindsAnotherDatasetSaysSoAndLeavesNothingBehind) {
  publish_disturbed(1);
  EXPECT_FALSE(outcome_.has_value());
  EXPECT_EQ(to_string(thrown_), to_string(ErrorCode::kWrongShare));
  EXPECT_EQ(share_.list("other/tmp").size(), 0u);
}

}  // namespace
}  // namespace tidesync
