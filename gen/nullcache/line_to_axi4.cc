// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kBody = R"v(
  localparam integer LineW     = 8*LineBytes;
  localparam integer LineWords = LineBytes/8;
  localparam integer OffsetW   = $clog2(LineBytes);
  localparam integer LineAddrW = AddrW - OffsetW;
  localparam integer WordW     = $clog2(LineWords);
  localparam integer LastBeat  = LineWords - 1;

  // A line that is written. AXI does not order reads and writes among each other: what has the line
  // of a transfer in progress waits for its end.
  reg                  write_q;       // from the request to the response
  reg                  aw_q;          // the address has to go
  reg                  w_q;           // beats have to go
  reg  [WordW-1:0]     w_beat_q;
  reg  [LineAddrW-1:0] write_line_q;
  reg  [LineW-1:0]     wdata_q;

  // A line that is read.
  reg                  read_q;        // from the request to the answer
  reg                  ar_q;          // the address has to go
  reg                  r_q;           // beats have to come
  reg  [WordW-1:0]     r_beat_q;
  reg  [LineAddrW-1:0] read_line_q;
  reg  [LineW-1:0]     rdata_q;

  reg                  error_q;
  wire                 behind_write = write_q & (write_line_q == req_line_i);
  wire                 behind_read  = read_q & (read_line_q == req_line_i);
  wire                 take         = req_valid_i & req_ready_o;
  wire                 w_last       = w_beat_q == LastBeat[WordW-1:0];
  wire                 r_last       = r_beat_q == LastBeat[WordW-1:0];
  wire                 w_move       = axi_wvalid_o & axi_wready_i;
  wire                 r_move       = axi_rvalid_i & axi_rready_o;
  wire                 b_move       = axi_bvalid_i & axi_bready_o;
  wire                 unused_okay  = &{1'b0, axi_bresp_i[0], axi_rresp_i[0]};

  assign req_ready_o = req_write_i ? ~write_q & ~behind_read : ~read_q & ~behind_write;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q <= 1'b0;
      aw_q    <= 1'b0;
      w_q     <= 1'b0;
      read_q  <= 1'b0;
      ar_q    <= 1'b0;
      r_q     <= 1'b0;
      error_q <= 1'b0;
    end else begin
      if (take & req_write_i) begin
        write_q <= 1'b1;
        aw_q    <= 1'b1;
        w_q     <= 1'b1;
      end else begin
        if (axi_awready_i)   aw_q    <= 1'b0;
        if (w_move & w_last) w_q     <= 1'b0;
        if (b_move)          write_q <= 1'b0;
      end
      if (take & ~req_write_i) begin
        read_q <= 1'b1;
        ar_q   <= 1'b1;
        r_q    <= 1'b1;
      end else begin
        if (axi_arready_i)               ar_q   <= 1'b0;
        if (r_move & r_last)             r_q    <= 1'b0;
        if (resp_valid_o & resp_ready_i) read_q <= 1'b0;
      end
      // An error response, or a burst of another length.
      if (b_move & axi_bresp_i[1])                              error_q <= 1'b1;
      if (r_move & (axi_rresp_i[1] | (axi_rlast_i != r_last))) error_q <= 1'b1;
    end
  end

  always @(posedge clk_i) begin
    if (take & req_write_i) begin
      write_line_q <= req_line_i;
      wdata_q      <= req_wdata_i;
      w_beat_q     <= {WordW{1'b0}};
    end else if (w_move) begin
      wdata_q  <= {64'd0, wdata_q[LineW-1:64]};
      w_beat_q <= w_beat_q + 1'b1;
    end
    if (take & ~req_write_i) begin
      read_line_q <= req_line_i;
      r_beat_q    <= {WordW{1'b0}};
    end else if (r_move) begin
      rdata_q  <= {axi_rdata_i, rdata_q[LineW-1:64]};
      r_beat_q <= r_beat_q + 1'b1;
    end
  end

  assign resp_valid_o  = read_q & ~r_q;
  assign resp_rdata_o  = rdata_q;
  assign error_o       = error_q;

  assign axi_awvalid_o = aw_q;
  assign axi_awaddr_o  = {write_line_q, {OffsetW{1'b0}}};
  assign axi_awlen_o   = LastBeat[7:0];
  assign axi_awsize_o  = 3'd3;
  assign axi_awburst_o = 2'b01;
  assign axi_wvalid_o  = w_q;
  assign axi_wdata_o   = wdata_q[63:0];
  assign axi_wstrb_o   = 8'hff;
  assign axi_wlast_o   = w_last;
  assign axi_bready_o  = write_q & ~aw_q & ~w_q;
  assign axi_arvalid_o = ar_q;
  assign axi_araddr_o  = {read_line_q, {OffsetW{1'b0}}};
  assign axi_arlen_o   = LastBeat[7:0];
  assign axi_arsize_o  = 3'd3;
  assign axi_arburst_o = 2'b01;
  assign axi_rready_o  = r_q & ~ar_q;
)v";

/// A request channel of the manager: `aw` or `ar`.
void AddAddressChannel(rtl::ModuleBuilder& m, const std::string& channel) {
  const std::string prefix = "axi_" + channel;
  m.Bit(prefix + "valid_o", "A burst is asked for");
  m.Bit(prefix + "ready_i", "It is taken");
  m.Out(prefix + "addr_o", "AddrW", "Its first byte: that of a line");
  m.Out(prefix + "len_o", 8, "Beats less 1: those of a line");
  m.Out(prefix + "size_o", 3, "8 bytes a beat");
  m.Out(prefix + "burst_o", 2, "INCR");
}

constexpr const char* kTop = R"v(
  localparam integer LineW     = 8*LineBytes;
  localparam integer LineAddrW = AddrW - $clog2(LineBytes);

  wire                 mem_req_valid;
  wire                 mem_req_ready;
  wire                 mem_req_write;
  wire [LineAddrW-1:0] mem_req_line;
  wire [LineW-1:0]     mem_req_wdata;
  wire                 mem_resp_valid;
  wire                 mem_resp_ready;
  wire [LineW-1:0]     mem_resp_rdata;

  ${cache}

  ${adapter}
)v";

void AddAxi4Ports(rtl::ModuleBuilder& m) {
  m.Group("AXI4, 64 bits: write address, write data, write response");
  AddAddressChannel(m, "aw");
  m.Bit("axi_wvalid_o", "A beat is offered");
  m.Bit("axi_wready_i", "It is taken");
  m.Out("axi_wdata_o", 64, "A word of the line");
  m.Out("axi_wstrb_o", 8, "All bytes");
  m.Bit("axi_wlast_o", "The last beat");
  m.Bit("axi_bvalid_i", "The line is written");
  m.Bit("axi_bready_o", "Taken note of");
  m.In("axi_bresp_i", 2, "Bit 1: error");
  m.Group("Read address, read data");
  AddAddressChannel(m, "ar");
  m.Bit("axi_rvalid_i", "A beat is offered");
  m.Bit("axi_rready_o", "It is taken");
  m.In("axi_rdata_i", 64, "A word of the line");
  m.In("axi_rresp_i", 2, "Bit 1: error");
  m.Bit("axi_rlast_i", "The last beat");
  m.Group("Errors");
  m.Bit("error_o", "There was one since reset");
}

}  // namespace

rtl::Module BuildLineToAxi4(const CacheConfig& config) {
  rtl::ModuleBuilder m("line_to_axi4", "a port of whole lines as an AXI4 manager",
                       "gen/nullcache/line_to_axi4.cc");
  m.Doc(R"(
    A line is an INCR burst of 8-byte beats. One write and one read may be under way together, unless
    they are of one line. Signals that AXI4 lets a manager leave out have their default values.
  )");
  const rtl::Expr line = m.Param("LineBytes", config.line_bytes, "Bytes of a line");
  const rtl::Expr address = m.Param("AddrW", config.address_width, "Byte address width, bits");
  m.ClockAndReset();
  m.Group("Lines");
  m.Bit("req_valid_i", "A line is read or written");
  m.Bit("req_ready_o", rtl::Latency{0}, "It is taken");
  m.Bit("req_write_i", "Written");
  m.In("req_line_i", address - rtl::Clog2(line), "Line address");
  m.In("req_wdata_i", 8 * line, "The line that is written");
  m.Bit("resp_valid_o", "A line that was read is offered");
  m.Bit("resp_ready_i", "It is taken");
  m.Out("resp_rdata_o", 8 * line, "The line");
  AddAxi4Ports(m);
  m.Body(kBody);
  return std::move(m).Finish();
}

rtl::Module BuildCacheAxi4(const CacheConfig& config) {
  rtl::ModuleBuilder m("data_cache_axi4", "data_cache with an AXI4 memory side",
                       "gen/nullcache/line_to_axi4.cc");
  const rtl::Module cache = BuildCacheTop(config);
  for (const rtl::Param& param : cache.params) m.Param(param.name, param.value, param.doc);
  Connections special;
  std::string group;
  for (const rtl::Port& port : cache.ports) {
    if (port.name.starts_with("mem_")) continue;
    special.emplace_back(port.name, port.name);
    if (port.group != group) m.Group(group = port.group);
    if (!port.width) {
      m.Bit(port.name, port.doc);
    } else if (port.direction == rtl::Direction::kIn) {
      m.In(port.name, *port.width, port.doc);
    } else {
      m.Out(port.name, *port.width, port.doc);
    }
  }
  AddAxi4Ports(m);
  m.Body(kTop);
  m.Set("cache", rtl::Use(cache, "u_cache", special));
  const rtl::Module adapter = BuildLineToAxi4(config);
  Connections lines{{"error_o", "error_o"}};
  for (const rtl::Port& port : adapter.ports) {
    const bool axi = port.name.starts_with("axi_");
    if (axi) lines.emplace_back(port.name, port.name);
    if (port.name.starts_with("req_") || port.name.starts_with("resp_")) {
      lines.emplace_back(port.name, "mem_" + port.name.substr(0, port.name.rfind('_')));
    }
  }
  m.Set("adapter", rtl::Use(adapter, "u_axi4", lines));
  return std::move(m).Finish();
}

}  // namespace systole
