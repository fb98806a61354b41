use std::net::SocketAddr;

use clap::Args;

use crate::arguments::Global;
use crate::demo;
use crate::exit::Exit;
use crate::output::Output;

#[derive(Debug, Args)]
#[command(
    after_help = "Without `--data` everything is kept in a directory that is removed at the end."
)]
pub(crate) struct Demo {
    /// Address and port of the server; a free port when left out.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// End when all steps are done, instead of leaving the pages up.
    #[arg(long)]
    exit: bool,
}

impl Demo {
    pub(crate) async fn run(&self, global: &Global, output: Output) -> anyhow::Result<Exit> {
        let stay = if self.exit {
            demo::Stay::Leave
        } else {
            demo::Stay::Serve
        };
        demo::run(self.listen, global.data.clone(), stay, output).await
    }
}
