// SPDX-License-Identifier: Apache-2.0
// A library by hand; every expected value is worked out on paper from its text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "tests/liberty/temp_library.h"

namespace systole {
namespace {

using ::testing::Contains;
using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Units that are not 1: 10 ps, 100 mV, 2 fF, 10 nW. One unit of energy is 2 fF x (0.1 V)^2 = 2e-17
// J.
constexpr const char* kHead = R"(/* by hand */
library (hand) {
  time_unit : "10ps"; voltage_unit : "100mV"; capacitive_load_unit (2, ff);
  leakage_power_unit : "10nW"; current_unit : "1mA";
  nom_voltage : 15; nom_temperature : 85;
  default_max_capacitance : 50; default_input_pin_cap : 3;
  lu_table_template (load_first) {
    variable_1 : total_output_net_capacitance; variable_2 : input_net_transition;
    index_1 ("1, 2"); index_2 ("10, 20, 40");
  }
  lu_table_template (slew_first) {
    variable_1 : input_net_transition; variable_2 : total_output_net_capacitance;
    index_1 ("10, 20"); index_2 ("1, 3");
  }
  power_lut_template (slew_only) { variable_1 : input_transition_time; index_1 ("10, 30"); }
  lu_table_template (strange) { variable_1 : constrained_pin_transition; index_1 ("1, 2"); }
  type (nibble) { base_type : array; data_type : bit; bit_width : 4; bit_from : 3; bit_to : 0; }
  define (my_mark, pin, string);
)";

constexpr const char* kInverter = R"(
  cell (INV) {
    area : 12.5;
    cell_leakage_power : 0.25;
    leakage_power () { when : "A"; value : 0.4; }
    leakage_power () { when : "!A"; value : 0.1; }
    pin (A) { direction : input; capacitance : 1.5; my_mark : "x;y}"; }
    pin (Y) {
      direction : output; function : "A'"; max_capacitance : 40;
      timing () {
        related_pin : "A"; timing_sense : negative_unate;
        cell_rise (load_first) { values ("1, 2, 4", \
                                         "3, 4, 8"); }
        cell_fall (slew_first) { index_2 ("1, 5"); values ("1, 2, 3, 4"); }
        rise_transition (scalar) { values ("7"); }
      }
      timing () { related_pin : "A"; timing_type : setup_rising;
                  rise_constraint (strange) { values ("1, 2"); } }
      internal_power () { related_pin : "A"; when : "A";
        rise_power (slew_only) { values ("100, 300"); }
        fall_power (scalar) { values ("50"); } }
    }
  }
)";

Library Hand(const std::string& cells) { return ReadText(kHead + cells + "}\n"); }

TEST(ReadLiberty, GivesSiUnits) {
  const Library library = Hand(kInverter);
  EXPECT_EQ(library.name, "hand");
  EXPECT_DOUBLE_EQ(library.voltage, 1.5);
  EXPECT_DOUBLE_EQ(library.temperature, 85);
  const Cell* inverter = library.Find("INV");
  ASSERT_NE(inverter, nullptr);
  EXPECT_DOUBLE_EQ(inverter->area.value(), 12.5);
  EXPECT_DOUBLE_EQ(inverter->leakage, 2.5e-9);
  ASSERT_EQ(inverter->leakage_states.size(), 2u);
  EXPECT_EQ(inverter->leakage_states[0].when, "A");
  EXPECT_DOUBLE_EQ(inverter->leakage_states[0].watts, 4e-9);
  EXPECT_DOUBLE_EQ(inverter->FindPin("A")->capacitance, 3e-15);
  const CellPin* output = inverter->FindPin("Y");
  EXPECT_DOUBLE_EQ(output->max_capacitance.value(), 80e-15);
  EXPECT_EQ(output->function, "A'");
  ASSERT_EQ(output->power.size(), 1u);
  EXPECT_EQ(output->power[0].when, "A");
  EXPECT_DOUBLE_EQ(output->power[0].rise.At(1e-10, 0), 100 * 2e-17);
  EXPECT_DOUBLE_EQ(output->power[0].rise.At(2e-10, 0), 200 * 2e-17);
  EXPECT_DOUBLE_EQ(output->power[0].fall.At(2e-10, 0), 50 * 2e-17);
  EXPECT_THAT(library.warnings, IsEmpty());
  EXPECT_EQ(library.Find("NAND"), nullptr);
  EXPECT_EQ(inverter->FindPin("B"), nullptr);
}

TEST(ReadLiberty, KeepsDelaysAndLeavesConstraintsToTheTimingTool) {
  const Library library = Hand(kInverter);
  const CellPin* output = library.Find("INV")->FindPin("Y");
  ASSERT_EQ(output->timing.size(), 1u);
  const TimingArc& arc = output->timing[0];
  EXPECT_EQ(arc.input, 0u);
  EXPECT_EQ(arc.sense, TimingSense::kNegativeUnate);
  EXPECT_FALSE(arc.clock_edge);
  EXPECT_THAT(arc.delay_rise.axes,
              ElementsAre(Table::Axis::kOutputLoad, Table::Axis::kInputTransition));
  EXPECT_THAT(arc.delay_fall.points[1], ElementsAre(DoubleEq(2e-15), DoubleEq(10e-15)));
  EXPECT_TRUE(arc.transition_fall.empty());
  EXPECT_DOUBLE_EQ(arc.transition_rise.At(1, 1), 7e-11);
}

TEST(Table, FindsItsPointsWhicheverAxisComesFirst) {
  const Library library = Hand(kInverter);
  const TimingArc& arc = library.Find("INV")->FindPin("Y")->timing[0];
  // cell_rise: loads 2, 4 fF outermost; slews 100, 200, 400 ps.
  EXPECT_DOUBLE_EQ(arc.delay_rise.At(100e-12, 2e-15), 10e-12);
  EXPECT_DOUBLE_EQ(arc.delay_rise.At(400e-12, 2e-15), 40e-12);
  EXPECT_DOUBLE_EQ(arc.delay_rise.At(100e-12, 4e-15), 30e-12);
  // cell_fall: slews 100, 200 ps outermost; loads 2, 10 fF.
  EXPECT_DOUBLE_EQ(arc.delay_fall.At(100e-12, 10e-15), 20e-12);
  EXPECT_DOUBLE_EQ(arc.delay_fall.At(200e-12, 2e-15), 30e-12);
}

TEST(Table, IsBilinearBetweenThePoints) {
  const Library library = Hand(kInverter);
  const TimingArc& arc = library.Find("INV")->FindPin("Y")->timing[0];
  // Slew 300 ps, load 3 fF: mean of 20, 40 ps and 40, 80 ps.
  EXPECT_DOUBLE_EQ(arc.delay_rise.At(300e-12, 3e-15), 45e-12);
  // Slew 125 ps, load 4 fF: 15 + 0.25 x 20 ps.
  EXPECT_DOUBLE_EQ(arc.delay_fall.At(125e-12, 4e-15), 12.5e-12 + 0.25 * 20e-12);
}

TEST(Table, GoesOnWithItsOutermostPieceBeyondTheEnds) {
  const Library library = Hand(kInverter);
  const TimingArc& arc = library.Find("INV")->FindPin("Y")->timing[0];
  EXPECT_DOUBLE_EQ(arc.delay_rise.At(600e-12, 2e-15), 60e-12);  // slope of 200 to 400 ps
  EXPECT_DOUBLE_EQ(arc.delay_rise.At(50e-12, 2e-15), 5e-12);    // slope of 100 to 200 ps
  EXPECT_DOUBLE_EQ(arc.delay_rise.At(100e-12, 6e-15), 50e-12);
  EXPECT_DOUBLE_EQ(arc.delay_rise.At(100e-12, 0), -10e-12);
}

TEST(Table, WithoutAxesIsConstantAndEmptyIsZero) {
  EXPECT_EQ(Table{}.At(1, 1), 0);
  EXPECT_EQ((Table{{}, {}, {5}}).At(1, 1), 5);
  EXPECT_EQ((Table{{Table::Axis::kOutputLoad}, {{2}}, {5}}).At(1, 9), 5);
  EXPECT_EQ(
      (Table{{Table::Axis::kOutputLoad, Table::Axis::kInputTransition}, {{2}, {0, 1}}, {5, 7}})
          .At(0.5, 9),
      6);
}

TEST(ReadLiberty, ReadsRegistersAndLatches) {
  const Library library = Hand(R"(
    cell (DFF) { area : 1;
      ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; clear : "!R"; }
      pin (CK) { direction : input; clock : true; internal_power () {
        rise_power (slew_only) { values ("1, 2"); } fall_power (slew_only) { values ("3, 4"); } } }
      pin (D, R) { direction : input; capacitance : 2; }
      pin (Q) { direction : output; function : "IQ";
        timing () { related_pin : "CK"; timing_type : rising_edge;
                    cell_rise (scalar) { values ("1"); } cell_fall (scalar) { values ("1"); } }
        timing () { related_pin : "R"; timing_type : clear; timing_sense : positive_unate;
                    cell_fall (scalar) { values ("1"); } } } }
    cell (LAT) { latch (L, LN) { enable : "G"; data_in : "D"; }
      test_cell () { pin (X) { direction : input; } ff (a, b) { next_state : "X"; } }
      pin ("G") { direction : "input"; } pin (D) { direction : input; }
      pin (Q) { direction : output; function : "L"; } }
  )");
  const Cell* flop = library.Find("DFF");
  ASSERT_TRUE(flop->sequential.has_value());
  EXPECT_FALSE(flop->sequential->latch);
  EXPECT_EQ(flop->sequential->state, "IQ");
  EXPECT_EQ(flop->sequential->inverted_state, "IQN");
  EXPECT_EQ(flop->sequential->clocked_on, "CK");
  EXPECT_EQ(flop->sequential->next_state, "D");
  EXPECT_EQ(flop->sequential->clear, "!R");
  EXPECT_EQ(flop->sequential->preset, "");
  EXPECT_TRUE(flop->FindPin("CK")->clock);
  EXPECT_DOUBLE_EQ(flop->FindPin("CK")->capacitance, 6e-15);  // default_input_pin_cap
  EXPECT_EQ(flop->FindPin("CK")->power.size(), 1u);
  EXPECT_FALSE(flop->FindPin("CK")->power[0].input.has_value());
  EXPECT_DOUBLE_EQ(flop->FindPin("R")->capacitance, 4e-15);
  const CellPin* q = flop->FindPin("Q");
  ASSERT_EQ(q->timing.size(), 2u);
  EXPECT_TRUE(q->timing[0].clock_edge);
  EXPECT_TRUE(q->timing[1].asynchronous);
  EXPECT_DOUBLE_EQ(q->max_capacitance.value(), 100e-15);  // default_max_capacitance
  const Cell* latch = library.Find("LAT");
  EXPECT_TRUE(latch->sequential->latch);
  EXPECT_EQ(latch->sequential->clocked_on, "G");
  EXPECT_EQ(latch->sequential->next_state, "D");
  EXPECT_EQ(latch->FindPin("X"), nullptr);
  EXPECT_FALSE(latch->area.has_value());
}

TEST(ReadLiberty, GivesABusOnePinABitAndEachBitItsOwnValues) {
  const Library library = Hand(R"(
    cell (RAM) { memory () { type : ram; }
      pin (CK) { direction : input; clock : true; }
      bus (A) { bus_type : nibble; direction : input; capacitance : 1;
        pin (A[2]) { capacitance : 5; }
        pin (A[3:0]) { internal_power () { when : "CK"
          rise_power ("scalar") { values (2); } fall_power (scalar) { values (4); } } } }
      bus (Q) { bus_type : nibble; direction : output; max_capacitance : "6.4e-14";
        timing () { related_pin : "CK"; timing_type : rising_edge;
                    cell_rise (scalar) { values ("9"); } } 
        timing () { related_pin : "A"; cell_rise (scalar) { values ("8"); } } }
      bundle (P) { members (P0, P1); direction : output;
        timing () { related_bus_pins : "A"; cell_rise (scalar) { values ("8"); } } }
      leakage_power () { value : 3; }
    }
  )");
  const Cell* ram = library.Find("RAM");
  EXPECT_TRUE(ram->memory);
  EXPECT_EQ(ram->pins.size(), 11u);
  EXPECT_DOUBLE_EQ(ram->leakage, 30e-9);
  EXPECT_DOUBLE_EQ(ram->FindPin("A[0]")->capacitance, 2e-15);
  EXPECT_DOUBLE_EQ(ram->FindPin("A[2]")->capacitance, 10e-15);
  ASSERT_EQ(ram->FindPin("A[3]")->power.size(), 1u);
  EXPECT_EQ(ram->FindPin("A[3]")->power[0].when, "CK");
  const CellPin* q1 = ram->FindPin("Q[1]");
  ASSERT_EQ(q1->timing.size(), 2u);
  EXPECT_EQ(ram->pins[q1->timing[0].input].name, "CK");
  EXPECT_EQ(ram->pins[q1->timing[1].input].name, "A[1]");
  EXPECT_DOUBLE_EQ(q1->max_capacitance.value(), 6.4e-14);
  EXPECT_EQ(ram->FindPin("P1")->timing.size(), 4u);
  EXPECT_THAT(library.warnings, Contains(HasSubstr("is taken as farads (4 times)")));
  EXPECT_THAT(library.warnings, Contains(HasSubstr("internal power only as constants")));
}

TEST(ReadLiberty, RelatedPinsOfOneGroupGiveAnArcEach) {
  const Library library = Hand(R"(
    cell (AND) { area : 1; pin (A B) { direction : input; }
      pin (Y) { direction : output; function : "A B";
        timing () { related_pin : "A B"; cell_rise (scalar) { values ("1"); } }
        internal_power () { related_pin : "A B"; power (scalar) { values ("1"); } } } }
  )");
  const CellPin* y = library.Find("AND")->FindPin("Y");
  ASSERT_EQ(y->timing.size(), 2u);
  EXPECT_EQ(y->timing[1].input, 1u);
  ASSERT_EQ(y->power.size(), 2u);
  EXPECT_EQ(y->power[1].input, 1u);
  EXPECT_EQ(y->power[0].rise.values, y->power[0].fall.values);
}

TEST(ReadLiberty, LeakageWithoutATotalIsTheMeanOfItsStates) {
  const Library library = Hand(R"(
    cell (A) { leakage_power () { when : "X"; value : 1; } leakage_power () { when : "!X"; value : 3; } }
    cell (B) { }
  )");
  EXPECT_DOUBLE_EQ(library.Find("A")->leakage, 20e-9);
  EXPECT_EQ(library.Find("B")->leakage, 0);
}

TEST(ReadLiberty, LeakageOfOneStateAddsUpOverItsSupplies) {
  const Library library = Hand(R"(cell (A) {
    leakage_power () { when : "X"; value : 1; related_pg_pin : VDD; }
    leakage_power () { when : "X"; value : 3; related_pg_pin : VDDC; } })");
  ASSERT_EQ(library.Find("A")->leakage_states.size(), 1u);
  EXPECT_DOUBLE_EQ(library.Find("A")->leakage_states[0].watts, 40e-9);
}

TEST(ReadLiberty, GateEquivalentIsTheSmallestTwoInputNand) {
  const auto gate = [](const std::string& name, double area, const std::string& function) {
    return "cell (" + name + ") { area : " + std::to_string(area) +
           "; pin (A, B) { direction : input; } pin (Y) { direction : output; function : \"" +
           function + "\"; } }\n";
  };
  EXPECT_DOUBLE_EQ(Hand(gate("AND", 1, "A B") + gate("NAND4X", 9, "!(A&B)") +
                        gate("NAND", 4, "A' + B'") + gate("NOR", 2, "!(A+B)"))
                       .Nand2Area(),
                   4);
  EXPECT_THROW(Hand(gate("NOR", 2, "!(A+B)")).Nand2Area(), RequestError);
}

TEST(ReadLiberty, PackedAndUnpackedFilesAreOneLibrary) {
  const std::string text = std::string(kHead) + kInverter + "}\n";
  const auto path = TestFile("packed.lib");  // found by its bytes, not by its name
  WriteFile(path, "");
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  gzclose(file);
  const Library packed = ReadLiberty(path), plain = ReadText(text);
  EXPECT_EQ(packed.hash, plain.hash);
  EXPECT_EQ(packed.cells.size(), plain.cells.size());
  const std::string bytes = ReadFile(path);
  for (const std::size_t size : {std::size_t{12}, bytes.size() / 2, bytes.size() - 1}) {
    WriteFile(path, bytes.substr(0, size));
    EXPECT_THROW(ReadLiberty(path), RequestError) << size;
  }
  std::string damaged = bytes;
  damaged[bytes.size() - 6] ^= 1;  // in the checksum
  WriteFile(path, damaged);
  EXPECT_THROW(ReadLiberty(path), RequestError);
}

TEST(ReadLiberty, SaysWhichUnitsItHadToAssume) {
  const Library library = ReadText("library (x) { cell (A) { area : 1; } }");
  EXPECT_THAT(library.warnings, Contains("time_unit is missing: 1e-09s is assumed"));
  EXPECT_THAT(library.warnings, Contains("capacitive_load_unit is missing: 1e-12f is assumed"));
  EXPECT_THAT(library.warnings, Contains("no nominal voltage: power cannot be computed"));
  EXPECT_THAT(library.warnings, Contains(HasSubstr("no internal power")));
  EXPECT_THAT(library.warnings, Contains(HasSubstr("no leakage")));
}

TEST(ReadLiberty, DefaultConditionsOverrideTheNominalOnes) {
  const Library library = ReadText(R"(library (x) { voltage_unit : "1V"; nom_voltage : 1.8;
    operating_conditions (slow) { voltage : 1.6; temperature : 125; }
    operating_conditions (fast) { voltage : 2.0; temperature : 0; }
    default_operating_conditions : slow; })");
  EXPECT_DOUBLE_EQ(library.voltage, 1.6);
  EXPECT_DOUBLE_EQ(library.temperature, 125);
}

TEST(ReadLiberty, TablesOverOtherQuantitiesAreLeftOutAndCounted) {
  const Library library =
      Hand(R"(cell (A) { pin (I) { direction : input; } pin (Y) { direction : output;
    timing () { related_pin : "I"; cell_rise (strange) { values ("1, 2"); } } } })");
  EXPECT_TRUE(library.Find("A")->FindPin("Y")->timing.empty());
  EXPECT_THAT(library.warnings, Contains(HasSubstr("cell_rise tables over other quantities")));
}

}  // namespace
}  // namespace systole
